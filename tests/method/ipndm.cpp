// SPDX-License-Identifier: MIT
#include "diffode/method/ipndm.hpp"

#include "catch.hpp"
#include "diffode/method/lms.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

TEST_CASE("on steps equal in rho it is lms") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{7, 6, 5, 4, 3, 2, 1});
  for (int p = 1; p <= 4; ++p) {
    const probe rows(ipndm{.p = p}, levels, eps_model{}), exact(lms{.p = p}, levels, eps_model{});
    for (std::size_t i = 0; i < rows.state.size(); ++i)
      for (std::size_t k = 0; k < rows.state[i].size(); ++k) CHECK(rows.state[i][k] == Approx(exact.state[i][k]).epsilon(0).margin(1e-13));
  }
  CHECK(probe(ipndm{.weights = adams::exact}, levels, eps_model{}).state == probe(lms{}, levels, eps_model{}).state);
}

TEST_CASE("on the VP path its step is DDIM's with the combination of past predictions for the noise") {
  std::mt19937 draw(31);
  for (int turn = 0; turn < 200; ++turn) {
    const grid levels = random_grid(draw, 5);
    const step_row step = step_of(probe(ipndm{}, levels, eps_model{}), 4);
    const level<>&s = levels[4], &t = levels[5];
    CHECK(step.a == Approx(t.alpha / s.alpha).epsilon(1e-13));
    const double gain = t.sigma - s.sigma * t.alpha / s.alpha, row[] = {55. / 24, -59. / 24, 37. / 24, -9. / 24};
    for (std::size_t j = 0; j < 4; ++j)  // lambda is rounded where levels are made, and the probe subtracts
      CHECK(std::abs(step.b[j] - gain * row[j]) <= 1e-13 * (std::abs(gain) + s.sigma * t.alpha / s.alpha + step.scale));
  }
}

TEST_CASE("the published weights for unequal steps are those of diff-sampler") {
  // sigma 10, 6, 3.5, 2, 1.2: h0 = -0.8, h1 = -1.5, h2 = -2.5, h3 = -4 in the formulas of its code, worked out by hand.
  const grid levels = from_sigmas(ve{}, std::vector<double>{10, 6, 3.5, 2, 1.2});
  const row w = step_of(probe(ipndm{.weights = adams::ipndm_v}, levels, eps_model{}), 3).b;
  const double h0 = -0.8, h1 = -1.5, h2 = -2.5, h3 = -4, r = h0 / h1, p = h1 / h2, q = h1 * (h1 + h2) / (h2 * (h2 + h3));
  const double T = (1 - h0 / (3 * (h0 + h1)) * (h0 * (h0 + h1)) / (h1 * (h1 + h2))) / 2;
  const double U = ((1 - h0 / (3 * (h0 + h1))) / 2 + (1 - h0 / (2 * (h0 + h1))) * h0 / (6 * (h0 + h1 + h2))) *
                   (h0 * (h0 + h1) * (h0 + h1 + h2)) / (h1 * (h1 + h2) * (h1 + h2 + h3));
  const double wanted[] = {h0 * ((2 + r) / 2 + T + U), h0 * (-r / 2 - (1 + p) * T - (1 + p + q) * U), h0 * (T * p + (p + q * (1 + h2 / h3)) * U),
                           h0 * (-U * q * p)};
  for (std::size_t j = 0; j < 4; ++j) CHECK(w[j] == Approx(wanted[j]).epsilon(0).margin(2e-13));
  CHECK(w[0] + w[1] + w[2] + w[3] != Approx(h0).epsilon(1e-4));
}

TEST_CASE("ipndm says its true order, and refuses orders that it does not have") {
  CHECK(ipndm{.p = 1}.order() == 1);
  CHECK(ipndm{.p = 4}.order() == 2);
  CHECK(ipndm{.p = 3, .weights = adams::ipndm_v}.order() == 3);
  CHECK(ipndm{.p = 4, .weights = adams::ipndm_v}.order() == 1);
  CHECK(ipndm{.p = 5}.check()->what() == std::string("ipndm: order p is 5, needs 1 to 4"));
  CHECK(ipndm{.ends = ramp::given({5})}.check()->what() == std::string("ipndm: ramp.orders[0] is 5, needs 1 to 4"));
}
