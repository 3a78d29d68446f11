// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"
#include "diffode/method/solver_schedule.hpp"
#include "diffode/schedule/noise_path.hpp"
#include "diffode/search/dice.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// Which schedules a search looks at: all of a number of evaluations between two times of a path.
///
/// Units       from, to: times of the path, with finite lambda
/// first       guesses for the first prediction that may be tried besides asking; each saves an evaluation for one step more
/// estimates   derivatives may be estimated from more or fewer evaluations than is usual, each from its own number of the newest
/// statistics  of the v3 form. Those of a table hold at its lambdas only: all levels are then lambdas of it
/// Not searched  steps that expand around an older evaluation, and implicit correctors, which cost an evaluation each
/// reach       how far mutations move a level, in mean step lengths of lambda
struct schedule_space {
  noise_path path;
  double from = 1, to = 1e-3;
  int evaluations = 5;
  std::vector<solver_form> forms{solver_form::data, solver_form::noise};
  int most_order = 3;
  int most_corrector = 3;  ///< order of pseudo correctors; 0 for none
  bool relaxes = true, estimates = false;
  std::vector<first_prediction> first{};
  std::vector<double> mean{};
  model_statistics statistics = model_statistics::data_prediction();
  double reach = 0.08;

  /// Nothing, or what makes no sense.
  fault check() const {
    using detail::refuse;
    constexpr std::string_view who = "schedule_space";
    if (const fault f = path.check()) return f;
    if (const fault f = detail::check_time(who, "from", from, path)) return f;
    if (const fault f = detail::check_time(who, "to", to, path)) return f;
    for (const double t : {from, to})
      if (!std::isfinite(path.at(t).lambda)) return refuse(errc::bad_grid, who, ": time ", t, " has lambda ", path.at(t).lambda, ", needs a time with a finite lambda");
    if (!(path.at(from).lambda < path.at(to).lambda)) return refuse(errc::bad_grid, who, ": lambda goes from ", path.at(from).lambda, " to ", path.at(to).lambda, ", needs to rise");
    if (evaluations < 1 || evaluations > 1000) return refuse(errc::bad_call, who, ": evaluations is ", evaluations, ", needs 1 to 1000");
    if (forms.empty()) return refuse(errc::bad_call, who, ": number of forms is 0, needs at least 1");
    if (most_order < 1 || most_order > 4) return refuse(errc::bad_call, who, ": most_order is ", most_order, ", needs 1 to 4");
    if (most_corrector < 0 || most_corrector > 4) return refuse(errc::bad_call, who, ": most_corrector is ", most_corrector, ", needs 0 to 4");
    if (!(reach > 0 && reach <= 1)) return refuse(errc::bad_call, who, ": reach is ", reach, ", needs a number above 0 and at most 1");
    for (const first_prediction f : first)
      if (f == first_prediction::mean_x0 && mean.empty()) return refuse(errc::bad_call, who, ": mean has 0 numbers, needs at least 1 with mean_x0");
    return check_table(who);
  }

 private:
  /// A table has to hold at both ends, and to have a lambda for each level between them.
  fault check_table(std::string_view who) const {
    if (!statistics.tabulated()) return {};
    for (const double t : {from, to})
      if (const double lambda = path.at(t).lambda; statistics.check(lambda))
        return detail::refuse(errc::bad_grid, who, ": time ", t, " has lambda ", lambda, ", needs a lambda of the statistics, the nearest is ", statistics.lambda()[statistics.nearest(lambda)]);
    const std::size_t a = statistics.nearest(path.at(from).lambda), b = statistics.nearest(path.at(to).lambda), between = a < b ? b - a : a - b;
    const std::size_t steps = static_cast<std::size_t>(evaluations) + (first.empty() ? 0 : 1);
    if (between < steps) return detail::refuse(errc::bad_grid, who, ": the statistics have ", between + 1, " lambdas from one end to the other, needs at least ", steps + 1, ", one for each level");
    return {};
  }
};

namespace detail {

/// A schedule while it is changed: its levels by their lambda, all of them.
struct genome {
  std::vector<double> lambda;
  std::vector<solver_step> steps;
  first_prediction first = first_prediction::asked;
};

inline genome genome_of(const schedule_space& in, const solver_schedule& s) {
  genome g{{}, s.steps, s.first};
  for (const double t : s.times) g.lambda.push_back(in.path.at(t).lambda);
  return g;
}
inline solver_schedule schedule_of(const schedule_space& in, const genome& g) {
  solver_schedule s{.steps = g.steps, .first = g.first, .statistics = in.statistics};
  if (g.first == first_prediction::mean_x0) s.mean = in.mean;
  s.steps.back().corrector = solver_corrector::none;
  for (const double lambda : g.lambda) s.times.push_back(in.path.at_lambda(lambda).t);
  s.times.front() = in.from, s.times.back() = in.to;
  return s;
}

inline solver_step any_step(const schedule_space& in, dice& d) {
  solver_step s{.form = in.forms[d.below(in.forms.size())], .predict = {.order = d.between(1, in.most_order)}};
  const int corrector = in.most_corrector > 0 ? d.between(0, in.most_corrector) : 0;
  if (corrector > 1) s.corrector = solver_corrector::pseudo, s.correct.order = corrector;
  return s;
}

/// Lets one derivative be estimated from another number of the newest evaluations: from as many as it needs at least, up to one
/// more than is usual. `base` is the age of the one that is expanded around, `known` how many there can be.
inline void estimate_anew(expansion& e, int base, int known, dice& d) {
  if (e.order < 2) return;
  e.points.resize(static_cast<std::size_t>(e.order - 1));
  const int derivative = d.between(1, e.order - 1), count = d.between(derivative, std::min(e.order, known - 1));
  std::vector<int>& ages = e.points[static_cast<std::size_t>(derivative - 1)];
  ages.clear();
  for (int age = 0; static_cast<int>(ages.size()) < count; ++age)
    if (age != base) ages.push_back(age);
}
inline void estimate_anew(solver_step& s, dice& d) {
  constexpr int known = max_nodes - 1;  // a corrector has one more, but for v3
  if (d.chance(0.5)) estimate_anew(s.predict, s.start, known, d);
  else if (s.corrector != solver_corrector::none) estimate_anew(s.correct, s.start + 1, known, d);
}
/// What is said of derivatives that there are no more is dropped.
inline void drop_estimates(expansion& e) {
  if (e.points.size() > static_cast<std::size_t>(e.order - 1)) e.points.resize(static_cast<std::size_t>(e.order - 1));
}

/// Levels between the ends become the nearest lambdas of a table, each another one; there are enough.
inline void to_nodes(const model_statistics& table, std::vector<double>& lambda) {
  const std::span<const double> nodes = table.lambda();
  const std::size_t last = nodes.size() - 1, n = lambda.size();
  const auto turned = [&, rising = nodes.front() < nodes.back()](std::size_t k) { return rising ? k : last - k; };
  std::vector<std::size_t> at;
  for (const double l : lambda) at.push_back(turned(table.nearest(l)));
  for (std::size_t i = 1; i + 1 < n; ++i) at[i] = std::max(at[i], at[i - 1] + 1);
  for (std::size_t i = n - 1; i-- > 1;) at[i] = std::min(at[i], at[i + 1] - 1);
  for (std::size_t i = 1; i + 1 < n; ++i) lambda[i] = nodes[turned(at[i])];
}

/// Sorts the levels, keeps them apart, and makes their number fit: one step for each evaluation, and one for a guess.
inline void mend(const schedule_space& in, genome& g, dice& d) {
  const double low = in.path.at(in.from).lambda, high = in.path.at(in.to).lambda;
  const std::size_t wanted = static_cast<std::size_t>(in.evaluations) + (g.first == first_prediction::asked ? 0 : 1);
  while (g.steps.size() < wanted) {
    const std::size_t i = d.below(g.steps.size());
    g.lambda.insert(g.lambda.begin() + static_cast<std::ptrdiff_t>(i) + 1, 0.5 * (g.lambda[i] + g.lambda[i + 1]));
    g.steps.insert(g.steps.begin() + static_cast<std::ptrdiff_t>(i), g.steps[i]);
  }
  while (g.steps.size() > wanted) {
    const std::size_t i = d.below(g.steps.size() - 1);
    g.lambda.erase(g.lambda.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    g.steps.erase(g.steps.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::sort(g.lambda.begin(), g.lambda.end());
  const std::size_t n = wanted;
  const double gap = 0.01 * (high - low) / static_cast<double>(n);
  g.lambda[0] = low, g.lambda[n] = high;
  for (std::size_t i = 1; i < n; ++i) g.lambda[i] = std::max(g.lambda[i], g.lambda[i - 1] + gap);
  for (std::size_t i = n; i-- > 1;) g.lambda[i] = std::min(g.lambda[i], g.lambda[i + 1] - gap);
  if (in.statistics.tabulated()) to_nodes(in.statistics, g.lambda);
}

}  // namespace detail

/// The k-th schedule that a search begins with: on equal steps of lambda, DPM-Solver++(2M), UniPC-2 and plain expansions of
/// every form and order, then schedules of random choices on steps that are moved a little.
inline solver_schedule first_schedule(const schedule_space& in, std::size_t k, dice d) {
  detail::genome g;
  const double low = in.path.at(in.from).lambda, high = in.path.at(in.to).lambda;
  for (int i = 0; i <= in.evaluations; ++i) g.lambda.push_back(low + (high - low) * i / in.evaluations);
  const std::size_t orders = static_cast<std::size_t>(in.most_order), plain = in.forms.size() * orders * 2;
  for (int i = 0; i < in.evaluations; ++i) {
    if (k < plain) {
      const int order = 1 + static_cast<int>(k / 2 % orders);
      solver_step s{.form = in.forms[k / 2 / orders], .predict = {.order = order, .relax = order == 2 && in.relaxes ? relaxation::bh2 : relaxation::factor}};
      if (k % 2 == 1 && in.most_corrector > 1) s.corrector = solver_corrector::pseudo, s.correct.order = std::min(order + 1, in.most_corrector);
      g.steps.push_back(s);
    } else {
      g.steps.push_back(detail::any_step(in, d));
      if (in.estimates && d.chance(0.5)) detail::estimate_anew(g.steps.back(), d);
      if (i > 0) g.lambda[static_cast<std::size_t>(i)] += 3 * in.reach * (high - low) / in.evaluations * d.normal();
    }
  }
  if (k >= plain && !in.first.empty() && d.chance(0.5)) g.first = in.first[d.below(in.first.size())];
  detail::mend(in, g, d);
  return detail::schedule_of(in, g);
}

/// A child of two schedules of the space: choices of the one, some of the other's, and some changed.
inline solver_schedule child_of(const schedule_space& in, const solver_schedule& mother, const solver_schedule& father, dice d) {
  detail::genome g = detail::genome_of(in, mother);
  if (d.chance(0.3) && father.steps.size() == g.steps.size())
    for (std::size_t i = 0; i < g.steps.size(); ++i)
      if (d.chance(0.5)) g.steps[i] = father.steps[i];
  if (!in.first.empty() && d.chance(0.1)) {
    const std::size_t k = d.below(in.first.size() + 1);
    g.first = k == 0 ? first_prediction::asked : in.first[k - 1];
  }
  // Large changes find the region, small ones its bottom.
  const double size = std::pow(10.0, -1.5 * d.uniform()), spread = in.reach * (g.lambda.back() - g.lambda.front()) / in.evaluations;
  for (std::size_t i = 1; i + 1 < g.lambda.size(); ++i)
    if (d.chance(0.3)) g.lambda[i] += 2 * size * spread * d.normal();
  for (solver_step& s : g.steps) {
    const solver_step other = detail::any_step(in, d);
    if (d.chance(0.1 * size)) s.form = other.form;
    if (d.chance(0.1 * size)) s.predict.order = other.predict.order;
    if (d.chance(0.1 * size)) s.corrector = other.corrector, s.correct.order = other.correct.order;
    detail::drop_estimates(s.predict), detail::drop_estimates(s.correct);
    if (in.estimates && d.chance(0.1 * size)) detail::estimate_anew(s, d);
    if (!in.relaxes) continue;
    if (d.chance(0.2)) s.predict.relax = relaxation::factor, s.predict.amount *= std::exp(0.4 * size * d.normal());
    if (d.chance(0.2) && s.corrector != solver_corrector::none) s.correct.amount *= std::exp(0.4 * size * d.normal());
  }
  detail::mend(in, g, d);
  return detail::schedule_of(in, g);
}

}  // namespace diffode
