// SPDX-License-Identifier: MIT
#include "diffode/method/dpmpp_3m.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

row last_weights(const dpmpp_3m& how, const grid& levels) {
  const std::size_t last = levels.steps() - 1;
  return weights(how.target == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{}), last, levels, how.target);
}

void check(const row& w, double w0, double w1, double w2) {
  REQUIRE(w.size() == 3);
  CHECK(w[0] == Approx(w0).epsilon(1e-14));
  CHECK(w[1] == Approx(w1).epsilon(1e-14));
  // Two to three digits cancel where the probe takes the weight out of the run.
  CHECK(w[2] == Approx(w2).epsilon(2e-14));
}

}  // namespace

TEST_CASE("weights of the third-order step, as published and exact, are those of the papers") {
  const grid levels = golden_grid();
  check(last_weights({.weights = curvature::published}, levels), 0.7986178172335407, -0.4844752356116547, 0.07932675866548043);
  check(last_weights({.weights = curvature::exact}, levels), 0.8405935906139194, -0.5504371652093926, 0.1033129148828396);
  check(last_weights({.weights = curvature::published, .target = prediction::eps}, levels), 1.209637581496311, -0.6689809588223896, 0.108064648026207);
  check(last_weights({.weights = curvature::exact, .target = prediction::eps}, levels), 1.263549560360238, -0.7536997827514187, 0.1388714930913085);
}

TEST_CASE("the exact weights are the same when asked for directly") {
  const double d[] = {0, 0.4, 1.1};
  const auto data = exact_weights<double>(exponential(prediction::x0, ve{}.at_lambda(0), ve{}.at_lambda(0.5)), d);
  CHECK(data[0] == Approx(0.8405935906139194).epsilon(1e-14));
  CHECK(data[1] == Approx(-0.5504371652093926).epsilon(1e-14));
  CHECK(data[2] == Approx(0.1033129148828396).epsilon(1e-14));
  const auto noise = exact_weights<double>(exponential(prediction::eps, ve{}.at_lambda(0), ve{}.at_lambda(0.5)), d);
  CHECK(noise[0] == Approx(1.263549560360238).epsilon(1e-14));
  CHECK(noise[1] == Approx(-0.7536997827514187).epsilon(1e-14));
  CHECK(noise[2] == Approx(0.1388714930913085).epsilon(1e-14));
}

TEST_CASE("the first two steps are those of DDIM and DPM-Solver++(2M)") {
  const grid levels = golden_grid();
  const probe three(dpmpp_3m{}, levels, x0_model{}), two(dpmpp_2m{}, levels, x0_model{});
  CHECK(three.state[1] == two.state[1]);
  CHECK(three.state[2] == two.state[2]);
  CHECK(three.state[3] != two.state[3]);
  const probe heun_slope(dpmpp_3m{.form = slope::heun}, levels, x0_model{}), two_heun(dpmpp_2m{.form = slope::heun}, levels, x0_model{});
  CHECK(heun_slope.state[2] == two_heun.state[2]);
}

TEST_CASE("constants and order conditions hold on random grids of every path") {
  std::mt19937 draw(3);
  for (int k = 0; k < 1500; ++k) {
    const grid levels = random_grid(draw, 3);
    for (const prediction form : {prediction::x0, prediction::eps}) {
      const bool data = form == prediction::x0;
      const dpmpp_3m how{.target = form};
      const probe p = data ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{});
      const step_row s = step_of(p, 2);
      const level<>&s2 = levels[2], &t = levels[3];
      const double G = data ? t.alpha : -t.sigma, h = t.lambda - s2.lambda;
      const double d1 = s2.lambda - levels[1].lambda, d2 = s2.lambda - levels[0].lambda;
      const std::vector<double> g = g_of(form, h);
      // Rounding: of the weights, each a sum of terms of the size of the largest, and of lambda, divided by the gaps.
      const double size = std::abs(s.b[0]) + std::abs(s.b[1]) + std::abs(s.b[2]) + s.scale + 1;
      CHECK(std::abs(data ? s.a * s2.alpha + s.b[0] + s.b[1] + s.b[2] - t.alpha : s.a * s2.sigma + s.b[0] + s.b[1] + s.b[2] - t.sigma) <= 1e-13 * size);
      // sum_j w_j (-d_j)^q = I_q = q! h^q g_{q+1}, divided by the size of what is summed
      CHECK(std::abs(-d1 * s.b[1] - d2 * s.b[2] - G * h * g[2]) <= 1e-13 * d2 * size);
      CHECK(std::abs(d1 * d1 * s.b[1] + d2 * d2 * s.b[2] - G * 2 * h * h * g[3]) <= 1e-13 * d2 * d2 * size);
    }
  }
}

TEST_CASE("the published weights halve the curvature: they miss the second order condition, and no other") {
  const row w = last_weights({.weights = curvature::published}, golden_grid());
  const std::vector<double> g = g_of(prediction::x0, 0.5);
  CHECK(w[0] + w[1] + w[2] == Approx(g[1]).epsilon(1e-14));
  CHECK(-0.4 * w[1] - 1.1 * w[2] == Approx(0.5 * g[2]).epsilon(1e-13));
  CHECK(0.16 * w[1] + 1.21 * w[2] == Approx(0.5 * 0.5 * g[3]).epsilon(1e-13));  // not 2*h^2*g_3
}

TEST_CASE("its order is 3 with exact weights and 2 as published; other orders are refused") {
  CHECK(dpmpp_3m{}.order() == 3);
  CHECK(dpmpp_3m{.weights = curvature::published}.order() == 2);
  CHECK_FALSE(dpmpp_3m{.ends = ramp::given({1, 2, 3})}.check());
  CHECK(dpmpp_3m{.ends = ramp::given({4})}.check()->what() == std::string("dpmpp_3m: ramp.orders[0] is 4, needs 1 to 3"));
}
