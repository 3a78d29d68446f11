// SPDX-License-Identifier: MIT
#include "diffode/search/fit_coefficients.hpp"

#include "catch.hpp"
#include "search/vp_a.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

/// The exact flow of `count` quantiles through the levels 1, 2, ... of a grid.
std::vector<double> exact_states(const dd::grid& g, std::size_t count) {
  std::vector<double> all;
  for (std::size_t i = 1; i < g.size(); ++i)
    for (const double x : quantiles(g[i], count)) all.push_back(x);
  return all;
}

dd::coefficient_table fitted(const dd::grid& g, const dd::fit_options& o) {
  std::vector<double> x = quantiles(g.front(), 64);
  return dd::fit_coefficients(g, dd::eps(vp_a_model{}), x, exact_states(g, 64), o);
}

}  // namespace

TEST_CASE("rows fitted on 64 quantiles are this good on 400 others") {
  const int steps[] = {5, 6, 8, 10};
  const double all[] = {0.0225, 0.0258, 0.0149, 0.0086}, three[] = {0.0499, 0.0456, 0.0297, 0.0207};
  for (std::size_t k = 0; k < 4; ++k) {
    const dd::grid g = vp_a_grid(steps[k]);
    const double full = vp_a_error(fitted(g, {}), g), short_rows = vp_a_error(fitted(g, {.history = 3}), g);
    INFO(steps[k] << " evaluations: " << full << ", with three predictions a row " << short_rows);
    // Figures to the last digit that they were published with.
    CHECK(std::abs(full - all[k]) <= 0.00005 + 1e-9);
    CHECK(std::abs(short_rows - three[k]) <= 0.00005 + 1e-9);
  }
}

TEST_CASE("a teacher that is a table is found again, its coefficients and its samples") {
  // Signal and noise of like size, and answers that vary as much as the state: features are far from collinear, so that the
  // normal equations, which square the condition, lose two or three digits and no more.
  std::vector<dd::level<>> levels;
  for (const double lambda : {-0.5, 0.0, 0.5, 1.0}) levels.push_back(dd::noise_path(dd::vp_linear{}).at_lambda(lambda));
  const dd::grid g = dd::from_levels(dd::vp_linear{}, levels);
  std::mt19937 draw(31);
  std::normal_distribution<double> normal;
  dd::coefficient_table wanted{.rows = {{.a = 0.9, .b = {0.3}}, {.a = 0.7, .b = {0.5, -0.2}}, {.a = 0.2, .b = {1.1, -0.4, 0.05}}}};
  for (const dd::level<>& l : g) wanted.times.push_back(l.t);
  for (const auto target : {dd::prediction::x0, dd::prediction::eps}) {
    wanted.target = target;
    std::vector<double> x(200);
    for (double& v : x) v = normal(draw);
    const auto net = [](std::span<const double> in, const dd::level<>& at, std::span<double> out) {
      for (std::size_t i = 0; i < in.size(); ++i) out[i] = std::sin(3 * in[i] + at.lambda) + 0.3 * std::cos(static_cast<double>(i) * at.t);
    };
    const std::vector<double> states = dd::teacher_states(wanted, g, 1, dd::eps(net), x);
    std::vector<double> run = x;
    dd::sample(wanted, g, dd::eps(net), run);
    const dd::coefficient_table found = dd::fit_coefficients(g, dd::eps(net), x, states, {.target = target, .ridge = 0});
    REQUIRE(found.rows.size() == 3);
    CHECK(found.times == wanted.times);
    for (std::size_t n = 0; n < 3; ++n) {
      CHECK(found.rows[n].a == Approx(wanted.rows[n].a).epsilon(1e-9));
      REQUIRE(found.rows[n].b.size() == wanted.rows[n].b.size());
      for (std::size_t j = 0; j < found.rows[n].b.size(); ++j) CHECK(found.rows[n].b[j] == Approx(wanted.rows[n].b[j]).epsilon(1e-8));
    }
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(run[i]).margin(1e-8));
  }
}

TEST_CASE("a fine run's states are those that a run on the fine grid passes") {
  const dd::grid g = vp_a_grid(4), fine = dd::refined(g, 30);
  REQUIRE(fine.steps() == 120);
  for (std::size_t i = 0; i < g.size(); ++i) CHECK(fine[30 * i].lambda == g[i].lambda);
  std::vector<double> x = quantiles(g.front(), 50);
  const std::vector<double> states = dd::teacher_states(dd::unipc{.p = 3}, g, 30, dd::eps(vp_a_model{}), x);
  const std::vector<double> exact = exact_states(g, 50);
  REQUIRE(states.size() == exact.size());
  double worst = 0;
  for (std::size_t i = 0; i < states.size(); ++i) worst = std::fmax(worst, std::abs(states[i] - exact[i]));
  CHECK(worst < 1e-3);
  dd::sample(dd::unipc{.p = 3}, fine, dd::eps(vp_a_model{}), x);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(states[3 * 50 + i] == x[i]);
}

TEST_CASE("guidance and filters count in the features as they do in the run") {
  const dd::grid g = vp_a_grid(5);
  std::vector<double> x = quantiles(g.front(), 40), from = x;
  const auto net = [](std::span<const double> in, const dd::level<>& at, std::span<double> out, int which) {
    vp_a_model{}(in, at, out);
    for (double& v : out) v *= which == 0 ? 1.0 : 0.8;
  };
  const auto model = dd::filtered(dd::guided(dd::eps(net), dd::classifier_free(1.5)), dd::clip{0.9});
  const dd::coefficient_table table = dd::fit_coefficients(g, model, x, exact_states(g, 40));
  dd::sample(table, g, model, from);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(from[i] == Approx(x[i]).epsilon(1e-9).margin(1e-10));
}

TEST_CASE("fits that can not be are refused, and leave the states as they were") {
  const dd::grid g = vp_a_grid(2);
  std::vector<double> x{0.1, 0.2};
  const std::vector<double> before = x, teacher(4, 0.5);
  const auto refusal = [&](std::span<const double> states, const dd::fit_options& o) -> std::string {
    const auto r = dd::try_fit_coefficients(g, dd::eps(vp_a_model{}), x, states, o);
    CHECK(x == before);
    return r ? "accepted" : r.reason()->what();
  };
  CHECK(refusal(std::span(teacher).first(3), {}) == "fit_coefficients: teacher has 3 numbers, needs 4, the state at every level but the first");
  CHECK(refusal(teacher, {.history = -1}) == "fit_coefficients: history is -1, needs 0 (all) or more");
  CHECK(refusal(teacher, {.ridge = -1}) == "fit_coefficients: ridge is -1, needs a number from 0 to 1");
  std::vector<double> wild = teacher;
  wild[1] = std::numeric_limits<double>::infinity();
  CHECK(refusal(wild, {}).find("fit_coefficients: coefficient 0 of step 0 is ") == 0);
  const auto r = dd::try_refined(g, 0);
  CHECK(std::string(r.reason()->what()) == "refined: parts is 0, needs 1 to 1000000");
  CHECK(std::string(dd::try_teacher_states(dd::ddim{.eta = 1}, g, 2, dd::eps(vp_a_model{}), x).reason()->what()) == "teacher_states: ddim draws noise, needs a deterministic teacher");
}
