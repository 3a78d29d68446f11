// SPDX-License-Identifier: MIT
#include "diffode/method/gradient_estimation.hpp"

#include "catch.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/ipndm.hpp"
#include "method/probe.hpp"

#include <limits>
#include <string>

using namespace diffode_test;

TEST_CASE("a step is Euler's with gamma d + (1 - gamma) of the slope before, in every frame") {
  std::mt19937 draw(61);
  for (int turn = 0; turn < 200; ++turn) {
    const grid levels = random_grid(draw, 3);
    const step_row step = step_of(probe(gradient_estimation{.gamma = 2.5}, levels, eps_model{}), 2);
    const level<>&s = levels[2], &t = levels[3];
    const double gain = t.alpha * (rho(t) - rho(s)), margin = 1e-13 * (std::abs(gain) + step.scale + t.alpha * rho(s));
    CHECK(step.a == Approx(t.alpha / s.alpha).epsilon(1e-13));
    CHECK(std::abs(step.b[0] - 2.5 * gain) <= margin);
    CHECK(std::abs(step.b[1] + 1.5 * gain) <= margin);
    CHECK(std::abs(step.b[2]) <= margin);
  }
}

TEST_CASE("gamma = 1 is euler, gamma = 3/2 is ipndm of order 2") {
  std::mt19937 draw(62);
  const grid levels = random_grid(draw, 5);
  const probe two(gradient_estimation{.gamma = 1.5}, levels, eps_model{}), rows(ipndm{.p = 2}, levels, eps_model{});
  CHECK(two.state == rows.state);
  CHECK(gradient_estimation{.gamma = 1.5}.order() == 2);
  CHECK(gradient_estimation{}.order() == 1);
  const probe one(gradient_estimation{.gamma = 1}, levels, eps_model{}), plain(euler{}, levels, eps_model{});
  for (std::size_t i = 0; i < one.state.size(); ++i)
    for (std::size_t k = 0; k < one.state[i].size(); ++k) CHECK(one.state[i][k] == Approx(plain.state[i][k]).epsilon(1e-12).margin(1e-13));
}

TEST_CASE("to sigma = 0 the formula holds, or an Euler step is taken if asked for") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{4, 2, 0});
  const row full = step_of(probe(gradient_estimation{}, levels, eps_model{}), 1).b;
  CHECK(full[0] == Approx(-4).epsilon(1e-14));
  CHECK(full[1] == Approx(2).epsilon(1e-14));
  CHECK(probe(gradient_estimation{.euler_to_zero = true}, levels, x0_model{}).state[2] == row{0, 0, 1});
}

TEST_CASE("gamma has to be a number") {
  CHECK(gradient_estimation{.gamma = std::numeric_limits<double>::infinity()}.check()->what() ==
        std::string("gradient_estimation: gamma is inf, needs a number from -1000000 to 1000000"));
  CHECK_FALSE(gradient_estimation{.gamma = -1}.check());
}
