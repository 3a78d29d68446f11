// SPDX-License-Identifier: MIT
#include "trajectory.hpp"

#include <cmath>
#include <optional>
#include <utility>

namespace goldens {

namespace {

/// The variance-preserving path in terms of lambda alone: all that a list of levels needs of a schedule.
struct vp_path {
  static constexpr std::string_view name = "vp";
  diffode::level<> at(double t) const { return at_lambda(t); }
  diffode::level<> at_lambda(double lambda) const {
    return {lambda, 1 / std::hypot(1, std::exp(-lambda)), 1 / std::hypot(1, std::exp(lambda)), lambda, lambda};
  }
  diffode::time_range range() const { return {HUGE_VAL, -HUGE_VAL}; }
  diffode::fault check() const { return {}; }
};

diffode::noise_path path_of(const std::string& space) {
  if (space == "vp") return vp_path{};
  if (space == "ve") return diffode::ve{};
  if (space == "flow") return diffode::flow{};
  throw wrong_case("space is " + space + ", needs vp, ve or flow");
}

struct points {
  std::vector<double> t, alpha, sigma;
};

points read_points(fields from) {
  points all{from.numbers("t"), from.numbers("alpha"), from.numbers("sigma")};
  from.done();
  if (all.t.size() != all.alpha.size() || all.t.size() != all.sigma.size())
    throw wrong_case(from.path() + ": t, alpha and sigma are of unequal length");
  return all;
}

diffode::grid grid_of(const std::string& space, const points& at, bool labels_of_targets) {
  std::vector<diffode::level<>> levels;
  const std::size_t n = at.t.size();
  for (std::size_t i = 0; i < n; ++i) {
    diffode::level<> here = diffode::make_level(at.t[i], at.alpha[i], at.sigma[i]);
    here.label = at.t[labels_of_targets && i + 1 < n ? i + 1 : i];
    // A step of length zero is a step of length zero, whichever way its two ends were rounded.
    if (i > 0 && std::abs(here.lambda - levels.back().lambda) < 1e-12)
      here.alpha = levels.back().alpha, here.sigma = levels.back().sigma, here.lambda = levels.back().lambda;
    levels.push_back(here);
  }
  return diffode::grid::make("grid", path_of(space), std::move(levels), diffode::repeats::allowed).value();
}

std::vector<double> joined(fields& top, const samples& start) {
  std::vector<double> all;
  if (!top.has("noise")) return all;
  for (const samples& z : top.batches("noise")) {
    if (z.count != start.count || z.dimension != start.dimension)
      throw wrong_case("noise: shape differs from that of x_init");
    all.insert(all.end(), z.values.begin(), z.values.end());
  }
  return all;
}

void check_states(const std::string& what, const std::vector<std::vector<double>>& got,
                  const std::vector<samples>& wanted, const closeness& close) {
  if (got.size() != wanted.size())
    throw wrong_case(what + ": number of states is " + std::to_string(got.size()) + ", needs " +
                     std::to_string(wanted.size()));
  for (std::size_t i = 0; i < got.size(); ++i) close(what + "[" + std::to_string(i) + "]", got[i], wanted[i].values);
}

/// Whether a level is one of the grid: what it is told there is in the case. Inside a step the references tell the model
/// times of a schedule that only some cases name.
bool on_grid(const diffode::level<>& at, const points& grid) {
  for (std::size_t i = 0; i < grid.t.size(); ++i)
    if (std::abs(at.alpha - grid.alpha[i]) + std::abs(at.sigma - grid.sigma[i]) < 1e-12 * (1 + at.sigma)) return true;
  return false;
}

/// The references evaluate on steps of length zero, and so does diffode: nothing is left out on either side.
void check_evaluations(const std::vector<diffode::level<>>& got, const points& wanted, const points& grid, const closeness& close) {
  points here, told;
  for (std::size_t i = 0; i < got.size(); ++i) {
    here.alpha.push_back(got[i].alpha);
    here.sigma.push_back(got[i].sigma);
    if (i >= wanted.t.size() || !on_grid(got[i], grid)) continue;
    here.t.push_back(got[i].label);
    told.t.push_back(wanted.t[i]);
  }
  close("evals.alpha", here.alpha, wanted.alpha);
  close("evals.sigma", here.sigma, wanted.sigma);
  close("evals.t", here.t, told.t);
}

}  // namespace

void check_trajectory(fields top, const closeness& close) {
  for (const char* about : {"id", "source", "note"}) top.skip(about);
  const std::string solver = top.text("solver"), space = top.text("space");
  const points at = read_points(top.object("grid")), evals = read_points(top.object("evals"));
  if (at.t.size() < 2) throw wrong_case("grid: needs at least two points");
  const samples start = top.batch("x_init"), end = top.batch("x_final");
  const std::vector<samples> states = top.batches("trajectory");
  std::optional<std::vector<samples>> predicted;
  if (top.has("predicted")) predicted = top.batches("predicted");
  const mixture model(top.object("model"));
  if (model.dimension() != start.dimension) throw wrong_case("x_init: dimension differs from that of the model");
  // Inversion with DDIM tells the model the label of the point that it goes to.
  problem p{solver,
            space,
            grid_of(space, at, solver == "ddim_inverse"),
            model,
            read_answer(top, "prediction"),
            start,
            joined(top, start)};
  p.options.watch_predicted = predicted.has_value();
  p.close = close;
  const fields options = top.object("options");
  if (!has_solver(solver)) {
    for (const char* theirs : {"attempts", "coefficients", "statistics"}) top.skip(theirs);
    top.done();
    throw unavailable("solver " + solver);
  }
  const outcome got = solve(options, top, p);
  top.done();
  check_states("trajectory", got.states, states, close);
  if (predicted) check_states("predicted", got.predicted, *predicted, close);
  close("x_final", got.end, end.values);
  check_evaluations(got.evaluations, evals, at, close);
}

}  // namespace goldens
