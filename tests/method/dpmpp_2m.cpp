// SPDX-License-Identifier: MIT
#include "diffode/method/dpmpp_2m.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// Weights of the last step of the golden geometry without its first level: h = 0.5, one evaluation 0.4 back.
row golden(slope form, prediction target) {
  const grid levels = at_lambdas({-0.4, 0, 0.5});
  const dpmpp_2m how{.form = form, .target = target};
  return weights(target == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{}), 1, levels, target);
}

void check(const row& w, double w0, double w1) {
  REQUIRE(w.size() == 2);
  CHECK(w[0] == Approx(w0).epsilon(1e-14));
  CHECK(w[1] == Approx(w1).epsilon(1e-14));
}

}  // namespace

TEST_CASE("weights of DPM-Solver++(2M) and DPM-Solver-2M are those of the papers") {
  check(golden(slope::midpoint, prediction::x0), 0.6393876779669704, -0.245918337679604);
  check(golden(slope::heun, prediction::x0), 0.6597959895689499, -0.2663266492815835);
  check(golden(slope::midpoint, prediction::eps), 1.054172064887708, -0.40545079418758);
  check(golden(slope::heun, prediction::eps), 1.020524447450448, -0.3718031767503203);
}

TEST_CASE("the two-point weights are the same when asked for directly") {
  const exponential_step<double> data = exponential(prediction::x0, ve{}.at_lambda(0), ve{}.at_lambda(0.5));
  const auto mid = two_point_weights(data, slope::midpoint, 0.4), heun_slope = two_point_weights(data, slope::heun, 0.4);
  CHECK(mid[0] == Approx(0.6393876779669704).epsilon(1e-14));
  CHECK(mid[1] == Approx(-0.245918337679604).epsilon(1e-14));
  CHECK(heun_slope[0] == Approx(0.6597959895689499).epsilon(1e-14));
  const double d[] = {0, 0.4};
  const auto exact = exact_weights<double>(data, d);
  CHECK(exact[0] == Approx(heun_slope[0]).epsilon(1e-15));
  CHECK(exact[1] == Approx(heun_slope[1]).epsilon(1e-15));
}

TEST_CASE("the first step, and a step to sigma = 0 or from alpha = 0, are DDIM steps") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.6, 0.3, 0});
  const probe p(dpmpp_2m{}, levels, x0_model{});
  const step_row first = step_of(p, 0), last = step_of(p, 2);
  CHECK(first.a == Approx(0.6).epsilon(1e-15));
  CHECK(first.b[0] == Approx(0.4).epsilon(1e-15));
  CHECK(p.state[3][0] == 0);
  CHECK(p.state[3][3] == 1);  // the data that the last evaluation sees
  CHECK(last.b[1] == 0);
  // The first level has infinite lambda, so the second step has no evaluation to look back to.
  CHECK(step_of(p, 1).b[1] == 0);
}

TEST_CASE("constants, order conditions and first steps hold on random grids of every path") {
  std::mt19937 draw(2);
  for (int k = 0; k < 1500; ++k) {
    const grid levels = random_grid(draw, 2);
    for (const prediction form : {prediction::x0, prediction::eps}) {
      const bool data = form == prediction::x0;
      const dpmpp_2m how{.form = draw() % 2 ? slope::heun : slope::midpoint, .target = form};
      const probe p = data ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{});
      const step_row s = step_of(p, 1);
      const level<>&s1 = levels[1], &t = levels[2];
      const double G = data ? t.alpha : -t.sigma, h = t.lambda - s1.lambda, d = s1.lambda - levels[0].lambda;
      const std::vector<double> g = g_of(form, h);
      // Rounding: of the weights, which subtract tilts of the size of the largest, and of lambda, divided by d.
      const double allowed = 1e-13 * (1 + s.scale);
      CHECK(std::abs(s.a - (data ? t.sigma / s1.sigma : t.alpha / s1.alpha)) <= allowed);
      CHECK(std::abs(data ? s.a * s1.alpha + s.b[0] + s.b[1] - t.alpha : s.a * s1.sigma + s.b[0] + s.b[1] - t.sigma) <= allowed);
      const double slope_moment = -d * s.b[1] / G, wanted = how.form == slope::heun ? h * g[2] : h * g[1] / 2;
      CHECK(std::abs(slope_moment - wanted) <= 1e-13 * (std::abs(wanted) + d * (1 + s.scale) / std::abs(G)));
    }
  }
}

TEST_CASE("orders the method does not have are refused") {
  CHECK_FALSE(dpmpp_2m{}.check());
  CHECK(dpmpp_2m{.ends = ramp::given({1, 2, 3})}.check()->what() == std::string("dpmpp_2m: ramp.orders[2] is 3, needs 1 to 2"));
  CHECK(dpmpp_2m{.ends = ramp::given({0})}.check()->what() == std::string("dpmpp_2m: ramp.orders[0] is 0, needs 1 to 2"));
}

TEST_CASE("the noise form takes a step to sigma = 0 as DDIM does") {
  const grid levels = from_times(vp_linear{}, std::vector<double>{1, 0.5, 0});
  const step_row last = step_of(probe(dpmpp_2m{.target = prediction::eps}, levels, eps_model{}), 1);
  // x_t = alpha_t/alpha_s x + (sigma_t - sigma_s alpha_t/alpha_s) eps with alpha_t = 1 and sigma_t = 0
  CHECK(last.a == Approx(1 / levels[1].alpha).epsilon(1e-14));
  CHECK(last.b[0] == Approx(-levels[1].sigma / levels[1].alpha).epsilon(1e-13));
  CHECK(std::abs(last.b[1]) <= 1e-14 * last.scale);
}
