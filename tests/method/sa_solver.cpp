// SPDX-License-Identifier: MIT
#include "diffode/method/sa_solver.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

template <class Tau>
probe of(const sa_solver<Tau>& how, const grid& levels) {
  return how.target == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{});
}

/// Equal but for roundings of numbers of the size of the largest.
void check_same(const std::vector<row>& a, const std::vector<row>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    double size = 1;
    for (const double v : b[i]) size = std::fmax(size, std::abs(v));
    REQUIRE(a[i].size() == b[i].size());
    for (std::size_t j = 0; j < a[i].size(); ++j) CHECK(std::abs(a[i][j] - b[i][j]) <= 1e-12 * size);
  }
}

}  // namespace

TEST_CASE("without noise, predictor p and corrector p + 1 are UniPC with exact weights") {
  std::mt19937 draw(1);
  for (int p = 1; p <= 3; ++p)
    for (int k = 0; k < 30; ++k) {
      const grid levels = random_grid(draw, 7);
      for (const prediction target : {prediction::x0, prediction::eps}) {
        const probe ours = of(sa_solver<>{.predictor = p, .corrector = p + 1, .tau = {0}, .target = target}, levels);
        const unipc theirs{.p = p, .form = unified::exact, .target = target};
        const probe other = target == prediction::x0 ? probe(theirs, levels, x0_model{}) : probe(theirs, levels, eps_model{});
        check_same(ours.state, other.state);
        check_same(ours.predicted, other.predicted);
      }
    }
}

TEST_CASE("the simple two-point formulas without noise are those of bh1") {
  std::mt19937 draw(2);
  for (int k = 0; k < 30; ++k) {
    const grid levels = random_grid(draw, 5);
    check_same(of(sa_solver<>{.predictor = 1, .corrector = 2, .tau = {0}, .simple = true}, levels).state,
               probe(unipc{.p = 1, .form = unified::bh1}, levels, x0_model{}).state);
    check_same(of(sa_solver<>{.predictor = 2, .corrector = 0, .tau = {0}, .simple = true}, levels).state,
               probe(unipc{.p = 2, .form = unified::bh1, .corrector = false}, levels, x0_model{}).state);
  }
}

TEST_CASE("without a corrector it is SDE-DPM-Solver++ with exact slopes, with eta = tau^2") {
  std::mt19937 draw(3);
  for (const int p : {1, 2, 3})
    for (const double tau : {0.0, 0.6, 1.0})
      for (int k = 0; k < 15; ++k) {
        const grid levels = random_grid(draw, 5);
        for (const prediction target : {prediction::x0, prediction::eps}) {
          const probe ours = of(sa_solver<>{.predictor = p, .corrector = 0, .tau = {tau}, .target = target, .ends = ramp::full()}, levels);
          const sde_dpmpp theirs{.p = p, .eta = tau * tau, .form = slope::heun, .target = target};
          check_same(ours.state, (target == prediction::x0 ? probe(theirs, levels, x0_model{}) : probe(theirs, levels, eps_model{})).state);
        }
      }
}

TEST_CASE("the corrector starts again from the state before the step, with the same noise") {
  const double tau = 0.7;
  const grid levels = at_lambdas({-1.1, -0.4, 0, 0.5, 1}, vp_linear{});
  for (const int corrector : {1, 2, 3, 4}) {
    const probe p = of(sa_solver<>{.predictor = 2, .corrector = corrector, .tau = {tau}, .ends = ramp::full()}, levels);
    const auto e = stochastic(prediction::x0, tau * tau, levels[2], levels[3]);
    const double d[] = {0, 0.4, 1.1};
    const auto I = e.drift.moments();
    implicit_weights<double> w{I[0], {}};
    if (corrector > 1) w = interpolation_weights_implicit<double>(I, {d, static_cast<std::size_t>(corrector - 1)}, 0.5);
    for (std::size_t k = 0; k < p.state[3].size(); ++k) {
      // Elements 1 to 4 hold the weights of evaluations 0 to 3, 5 and on those of the noises.
      double wanted = e.drift.A * p.state[2][k];
      if (k == 4) wanted += e.drift.G * w.at_target;
      if (k >= 1 && k <= 3) wanted += e.drift.G * w.at_node[3 - k];
      if (k == 7) wanted += e.c;
      CHECK(p.state[3][k] == Approx(wanted).epsilon(1e-13).margin(1e-14));
      if (k >= 5) CHECK(p.state[3][k] == Approx(p.predicted[3][k]).epsilon(1e-14).margin(1e-15));
    }
  }
}

TEST_CASE("orders fall towards the end, the corrector's a step after the predictor's, and the last step is not corrected") {
  const grid levels = at_lambdas({-2, -1.2, -0.5, 0.3, 0.9});
  const sa_solver<> lowered{.predictor = 3, .corrector = 4, .tau = {0.5}}, full{.predictor = 3, .corrector = 4, .tau = {0.5}, .ends = ramp::full()};
  const probe a = of(lowered, levels), b = of(full, levels);
  // Four steps: predictors of order 1, 2, 2, 1 and correctors of 2, 3, 3 points; at full order 1, 2, 3, 3 and 2, 3, 4.
  CHECK(a.state[2] == b.state[2]);
  CHECK(a.predicted[3] != b.predicted[3]);
  const auto e = stochastic(prediction::x0, 0.25, levels[3], levels[4]);
  CHECK(a.state[4] == a.predicted[4]);
  const step_row last = step_of(a, 3);
  CHECK(last.b[0] == Approx(e.drift.first).epsilon(1e-13));
  CHECK(std::abs(last.b[1]) <= 1e-14);
}

TEST_CASE("tau may depend on the label: drawn on every step, used where tau is not 0") {
  std::vector<double> times;
  for (double t = 950; t > 0; t -= 150) times.push_back(t);
  const grid levels = from_times(discrete_from({}), times);
  const probe p = of(sa_solver<tau_between>{}, levels);
  REQUIRE(p.made.noises() == static_cast<int>(levels.steps()));
  for (std::size_t i = 0; i < levels.steps(); ++i) {
    const bool noisy = levels[i].label >= 200 && levels[i].label <= 800;
    const double c = step_of(p, i).c, h = levels[i + 1].lambda - levels[i].lambda;
    CHECK(c == Approx(noisy ? levels[i + 1].sigma * std::sqrt(-std::expm1(-2 * h)) : 0).epsilon(1e-13));
  }
  CHECK(of(sa_solver<>{.tau = {0}}, levels).made.noises() == 0);
  const double s2 = step_of(of(sa_solver<>{.s_noise = 2}, levels), 1).c, s1 = step_of(of(sa_solver<>{}, levels), 1).c;
  CHECK(s2 == 2 * s1);
}

TEST_CASE("noise is an increment of the path that drives the equation") {
  const grid levels = at_lambdas({-1, 0.5, 2});
  const auto from = [&](const auto& how) { return of(how, levels).made.noise_intervals()[1]; };
  const noise_interval data = from(sa_solver<>{.tau = {0.5}}), noise = from(sa_solver<>{.tau = {0.5}, .target = prediction::eps});
  const noise_interval varies = from(sa_solver<tau_between>{.tau = {.from = -100, .to = 100}});
  CHECK((data.from == 0.25 && data.to == 1));
  CHECK((noise.from == -4 && noise.to == -1));
  CHECK((varies.from == 1 && varies.to == 4));
}

TEST_CASE("runs from alpha = 0 to sigma = 0 keep to first-order steps at both ends") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.6, 0.3, 0});
  const probe p = of(sa_solver<>{.predictor = 3, .corrector = 3}, levels);
  CHECK(p.made.noises() == 2);
  CHECK(p.state[1] == row{0, 0.4, 0, 0, 0.6, 0});
  CHECK(p.state[3] == row{0, 0, 0, 1, 0, 0});
}

TEST_CASE("sa_solver refuses what it can not do, with the reason") {
  const auto why = [](const auto& how) { return std::string(how.check()->what()); };
  CHECK_FALSE(sa_solver<>{}.check());
  CHECK(why(sa_solver<>{.predictor = 0}) == "sa_solver: predictor is 0, needs 1 to 4");
  CHECK(why(sa_solver<>{.corrector = 5}) == "sa_solver: corrector is 5, needs 0 to 4");
  CHECK(why(sa_solver<>{.tau = {-1}}) == "sa_solver: tau is -1, needs a number from 0 to 1000000");
  CHECK(why(sa_solver<tau_between>{.tau = {.tau = -2}}) == "sa_solver: tau is -2, needs a number from 0 to 1000000");
  CHECK(why(sa_solver<tau_between>{.tau = {.from = 3, .to = 1}}) == "sa_solver: tau lasts from label 3 to 1, needs from <= to");
  CHECK(why(sa_solver<>{.s_noise = -1}) == "sa_solver: s_noise is -1, needs a number from 0 to 1000000");
  CHECK(why(sa_solver<>{.ends = ramp::given({4})}) == "sa_solver: ramp.orders[0] is 4, needs 1 to 2");
  CHECK(std::string(try_compile(sa_solver<>{}, reversed(at_lambdas({-1, 0})), x0_model{}).reason()->what()) ==
        "sa_solver: tau is not 0 on a step towards noise, needs 0: noise is drawn anew only where some is taken away");
  CHECK(sa_solver<>{.predictor = 3, .corrector = 4}.order() == 4);
  CHECK(sa_solver<>{.predictor = 1, .corrector = 4}.order() == 2);
  CHECK(sa_solver<>{.predictor = 3, .corrector = 1}.order() == 1);
  CHECK(sa_solver<>{.predictor = 3, .corrector = 0}.order() == 3);
}
