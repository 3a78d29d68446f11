// SPDX-License-Identifier: MIT
#include "diffode/method/euler.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

using namespace diffode_test;

TEST_CASE("a step is Euler's along rho: y + (rho_t - rho_s)/rho_s (y - x0), y = x/alpha") {
  std::mt19937 draw(10);
  for (int k = 0; k < 2000; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const probe p(euler{}, levels, x0_model{});
    const double gone = (rho(t) - rho(s)) / rho(s);  // rho at the ends to a rounding each, their difference to 1e-16/0.03
    CHECK(p.state[1][0] == Approx(t.alpha / s.alpha * (1 + gone)).epsilon(1e-13));
    CHECK(p.state[1][1] == Approx(-t.alpha * gone).epsilon(1e-13));
    CHECK(std::abs(p.state[1][0] * s.alpha + p.state[1][1] - t.alpha) <= 1e-15 * (p.state[1][0] * s.alpha + t.alpha));
  }
}

TEST_CASE("it is ddim in other words") {
  std::mt19937 draw(11);
  for (int k = 0; k < 200; ++k) {
    const grid levels = random_grid(draw, 4);
    const probe a(euler{}, levels, x0_model{}), b(ddim{}, levels, x0_model{});
    // A rounding or two for each step, of coefficients up to the largest in the row.
    for (std::size_t j = 0; j < a.state[4].size(); ++j)
      CHECK(std::abs(a.state[4][j] - b.state[4][j]) <= 4e-15 * (std::abs(a.state[4][j]) + levels[4].alpha * levels[0].sigma));
  }
}

TEST_CASE("two steps with the same prediction are one") {
  const probe two(euler{}, at_lambdas({-1, 0.2, 1}), x0_model{}), one(euler{}, at_lambdas({-1, 1}), x0_model{});
  CHECK(two.state[2][0] == Approx(one.state[1][0]).epsilon(1e-15));
  CHECK(two.state[2][1] + two.state[2][2] == Approx(one.state[1][1]).epsilon(1e-15));
}

TEST_CASE("on the straight path it is Euler's method in the path's own time") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.7, 0.2, 0});
  const probe p(euler{}, levels, flow_model{});
  CHECK(p.state[3][0] == Approx(1).epsilon(1e-15));
  const double lengths[] = {-0.3, -0.5, -0.2};
  for (std::size_t k = 0; k < 3; ++k) CHECK(p.state[3][k + 1] == Approx(lengths[k]).epsilon(2e-15));
}

TEST_CASE("steps to sigma = 0 and from alpha = 0 are exact for constant predictions") {
  const probe p(euler{}, from_times(flow{}, std::vector<double>{1, 0.4, 0}), x0_model{});
  CHECK(p.state[1][0] == Approx(0.4).epsilon(1e-15));
  CHECK(p.state[1][1] == Approx(0.6).epsilon(1e-15));
  CHECK(p.state[2] == row{0, 0, 1});
}
