// SPDX-License-Identifier: MIT
#include "diffode/method/dpmpp_2m_v2.hpp"

#include "catch.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "method/probe.hpp"

using namespace diffode_test;

TEST_CASE("on steps of equal length in lambda it is dpmpp_2m") {
  const grid levels = at_lambdas({-2, -1.5, -1, -0.5, 0, 0.5}, vp_linear{});
  const probe v2(dpmpp_2m_v2{}, levels, x0_model{}), right(dpmpp_2m{}, levels, x0_model{});
  for (std::size_t i = 0; i < v2.state.size(); ++i)
    for (std::size_t k = 0; k < v2.state[i].size(); ++k) CHECK(v2.state[i][k] == Approx(right.state[i][k]).epsilon(0).margin(1e-14));
}

TEST_CASE("else it takes the mean of two lengths for one, and the ratio the wrong way round") {
  for (const double before : {0.3, 0.9}) {
    const double h = 0.6, mean = (h + before) / 2, r = std::fmax(h, before) / std::fmin(h, before);
    const grid levels = at_lambdas({-before, 0, h}, ve{});
    const step_row step = step_of(probe(dpmpp_2m_v2{}, levels, x0_model{}), 1);
    CHECK(step.a == Approx(std::exp(-h)).epsilon(1e-14));
    CHECK(step.b[0] == Approx(-std::expm1(-mean) * (1 + 1 / (2 * r))).epsilon(1e-13));
    CHECK(step.b[1] == Approx(std::expm1(-mean) / (2 * r)).epsilon(1e-13));
    // A constant x0 should stay one.
    CHECK(std::abs(step.a + step.b[0] + step.b[1] - 1) > 0.05);
  }
}

TEST_CASE("the first step and a step to sigma = 0 are of first order") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{4, 2, 0});
  const probe p(dpmpp_2m_v2{}, levels, x0_model{});
  CHECK(p.state[1] == row{0.5, 0.5, 0});
  CHECK(p.state[2] == row{0, 0, 1});
}
