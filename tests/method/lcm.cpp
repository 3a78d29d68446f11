// SPDX-License-Identifier: MIT
#include "diffode/method/lcm.hpp"

#include "catch.hpp"
#include "diffode/schedule/discrete.hpp"
#include "method/law.hpp"

#include <limits>
#include <string>

using namespace diffode_test;

TEST_CASE("a step is the prediction, noised to the target, on every path") {
  std::mt19937 draw(71);
  for (int k = 0; k < 300; ++k) {
    const grid levels = random_grid(draw, 2);
    const row x = probe(lcm{}, levels, x0_model{}).state[2];
    CHECK(x == row{0, 0, levels[2].alpha, 0, levels[2].sigma});
  }
}

TEST_CASE("on the straight path it is the stochastic Euler step of flow matching: (1 - t)(x - s u) + t z") {
  const double s = 0.7, t = 0.2;
  const row x = probe(lcm{}, from_times(flow{}, std::vector<double>{s, t}), flow_model{}).state[1];
  CHECK(x[0] == Approx(1 - t).epsilon(1e-15));
  CHECK(x[1] == Approx(-(1 - t) * s).epsilon(1e-15));
  CHECK(x[2] == t);
}

TEST_CASE("with skip it is diffusers' LCM: weights by ten times the timestep") {
  const discrete table = discrete_from({});
  for (const double index : {999., 499., 3., 1.}) {
    const grid levels = from_times(table, std::vector<double>{index, 0});
    const level<>&s = levels[0], &t = levels[1];
    const double scaled = 10 * index, c_skip = 0.25 / (scaled * scaled + 0.25), c_out = scaled / std::sqrt(scaled * scaled + 0.25);
    const row x = probe(lcm{.skip = true}, levels, eps_model{}).state[1];
    CHECK(x[0] == Approx(t.alpha * (c_skip + c_out / s.alpha)).epsilon(1e-13));
    CHECK(x[1] == Approx(-t.alpha * c_out * s.sigma / s.alpha).margin(1e-15).epsilon(1e-13));
    CHECK(x[2] == Approx(t.sigma).epsilon(1e-15));
  }
  // At index 0 the state itself is the answer.
  const probe last(lcm{.skip = true}, from_times(table, std::vector<double>{0}, ending::zero), eps_model{});
  CHECK(last.state[1] == row{1, 0});
}

TEST_CASE("skip weights with other numbers") {
  const grid levels = from_times(edm{}, std::vector<double>{3, 1});
  const row x = probe(lcm{.skip = true, .scaling = 2, .sigma_data = 1.5}, levels, x0_model{}).state[1];
  CHECK(x[0] == Approx(2.25 / (36 + 2.25)).epsilon(1e-14));
  CHECK(x[1] == Approx(6 / std::sqrt(36 + 2.25)).epsilon(1e-14));
}

TEST_CASE("noise that the answer still holds is not added again") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{10, 2, 0.001});
  const probe p(lcm{.sigma_min = 0.002}, levels, x0_model{});
  CHECK(p.state[1][3] == Approx(std::sqrt(4 - 0.002 * 0.002)).epsilon(1e-15));
  CHECK(p.state[2] == row{0, 0, 1, 0, 0});
  // In another frame the same, in units of alpha.
  const grid straight = from_times(flow{}, std::vector<double>{0.9, 0.5});
  CHECK(probe(lcm{.sigma_min = 0.6}, straight, x0_model{}).state[1][2] == Approx(0.5 * 0.8).epsilon(1e-14));
}

TEST_CASE("lcm: a step to sigma = 0 is the prediction, without noise") {
  const probe p(lcm{}, from_sigmas(ve{}, std::vector<double>{2, 0}), x0_model{});
  CHECK_FALSE(p.made.uses_noise());
  CHECK(p.state[1] == row{0, 1});
}

TEST_CASE("with the mean of x0 for an answer its law does not become that of the data, however many its steps") {
  const auto off = [](int steps) { return std::abs(variance_ratio(lcm{}, uniform_lambda(ve{}, {.from = 20, .to = 0.05, .count = steps}), 0.6) - 1); };
  CHECK(lcm::order() == 0);
  CHECK(off(40) > 0.5);
  CHECK(off(160) > 0.5);
}

TEST_CASE("lcm: wrong options are refused") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_FALSE(lcm{}.check());
  CHECK(lcm{.scaling = 0}.check()->what() == std::string("lcm: scaling is 0, needs a finite number above 0"));
  CHECK(lcm{.sigma_data = infinity}.check()->what() == std::string("lcm: sigma_data is inf, needs a finite number above 0"));
  CHECK(lcm{.sigma_min = -1}.check()->what() == std::string("lcm: sigma_min is -1, needs a finite number not below 0"));
}
