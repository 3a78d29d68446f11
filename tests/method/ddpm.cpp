// SPDX-License-Identifier: MIT
#include "diffode/method/ddpm.hpp"

#include "catch.hpp"
#include "diffode/method/ddim.hpp"
#include "method/law.hpp"

#include <string>

using namespace diffode_test;

TEST_CASE("a step on a variance-preserving path is the posterior of DDPM in its own words") {
  std::mt19937 draw(61);
  std::uniform_real_distribution<double> time(0.02, 1);
  for (int k = 0; k < 500; ++k) {
    double a = time(draw), b = time(draw);
    if (a < b) std::swap(a, b);
    if (a - b < 0.01) continue;
    const grid levels = from_times(vp_linear{}, std::vector<double>{a, b});
    const level<>&s = levels[0], &t = levels[1];
    const double abar = s.alpha * s.alpha, before = t.alpha * t.alpha, A = abar / before, beta = 1 - A;
    const row x = probe(ddpm{}, levels, x0_model{}).state[1], large = probe(ddpm{.variance = ddpm_variance::fixed_large}, levels, x0_model{}).state[1];
    // Eq. (7): mean and variance of q(x_t | x_s, x0).
    CHECK(x[0] == Approx(std::sqrt(A) * (1 - before) / (1 - abar)).epsilon(1e-11));
    CHECK(x[1] == Approx(std::sqrt(before) * beta / (1 - abar)).epsilon(1e-11));
    CHECK(x[2] == Approx(std::sqrt((1 - before) / (1 - abar) * beta)).epsilon(1e-11));
    CHECK(large[0] == x[0]);
    CHECK(large[1] == x[1]);
    CHECK(large[2] == Approx(std::sqrt(beta)).epsilon(1e-11));
  }
}

TEST_CASE("fixed_small is ddim with eta = 1, on every path") {
  std::mt19937 draw(62);
  for (int k = 0; k < 300; ++k) {
    const grid levels = random_grid(draw, 3);
    const probe a(ddpm{}, levels, x0_model{}), b(ddim{.eta = 1}, levels, x0_model{});
    REQUIRE(a.state[3].size() == b.state[3].size());
    for (std::size_t i = 0; i < a.state[3].size(); ++i) CHECK(std::abs(a.state[3][i] - b.state[3][i]) <= 1e-14 * 30 * (1 + b.made.largest_coefficient()));
    for (std::size_t i = 0; i < 3; ++i) CHECK(a.made.noise_intervals()[i].to == b.made.noise_intervals()[i].to);
  }
}

TEST_CASE("the large variance is that of the step forwards, on every path") {
  std::mt19937 draw(63);
  for (int k = 0; k < 300; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const double forwards = s.sigma * s.sigma - std::pow(s.alpha / t.alpha * t.sigma, 2);
    // A difference of squares of sigma_s and less, relative at least 1 - e^(-2h) with h = 0.03.
    CHECK(std::pow(probe(ddpm{.variance = ddpm_variance::fixed_large}, levels, x0_model{}).state[1][2], 2) == Approx(forwards).epsilon(1e-12));
  }
}

TEST_CASE("the law of a run has order 1 with either variance") {
  for (const ddpm_variance v : {ddpm_variance::fixed_small, ddpm_variance::fixed_large}) {
    CHECK(order_in_law(ddpm{.variance = v}, vp_linear{}, 0.8, 0.02, 80) == Approx(1).margin(0.1));
    CHECK(order_in_law(ddpm{.variance = v}, flow{}, 0.95, 0.05, 80) == Approx(1).margin(0.1));
  }
}

TEST_CASE("a step to sigma = 0 is the prediction, without noise, whichever the variance") {
  for (const ddpm_variance v : {ddpm_variance::fixed_small, ddpm_variance::fixed_large}) {
    const probe p(ddpm{.variance = v}, from_times(vp_linear{}, std::vector<double>{0.3, 0}), x0_model{});
    CHECK_FALSE(p.made.uses_noise());
    CHECK(p.state[1] == row{0, 1});
  }
}

TEST_CASE("from alpha = 0 all noise is new") {
  const row x = probe(ddpm{}, from_times(flow{}, std::vector<double>{1, 0.6}), x0_model{}).state[1];
  CHECK(x[0] == 0);
  CHECK(x[1] == Approx(0.4).epsilon(1e-15));
  CHECK(x[2] == Approx(0.6).epsilon(1e-15));
}

TEST_CASE("steps towards noise are refused") {
  CHECK_FALSE(ddpm{}.check());
  const auto back = try_compile(ddpm{}, from_times(flow{}, std::vector<double>{0.2, 0.6}), x0_model{});
  REQUIRE_FALSE(back);
  CHECK(back.reason()->what() == std::string("ddpm: a step leads towards noise, needs steps that take noise away"));
}
