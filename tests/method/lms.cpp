// SPDX-License-Identifier: MIT
#include "diffode/method/lms.hpp"

#include "catch.hpp"
#include "diffode/method/deis.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// The coefficients of eps in the last step of a VE run through these sigmas.
row last_weights(const lms& how, const std::vector<double>& sigmas) {
  const grid levels = from_sigmas(ve{}, sigmas);
  return step_of(probe(how, levels, eps_model{}), levels.steps() - 1).b;
}

}  // namespace

TEST_CASE("steps of orders 2, 3 and 4 along rho have the golden weights") {
  const std::vector<double> two{3.5, 2, 1.2}, three{6, 3.5, 2, 1.2}, four{10, 6, 3.5, 2, 1.2};
  const row w2 = last_weights({.p = 2}, two), w3 = last_weights({.p = 3}, three), w4 = last_weights({}, four);
  // The probe subtracts numbers of size 10.
  const auto close = [](double v) { return Approx(v).epsilon(0).margin(5e-14); };
  CHECK(w2[0] == close(-1.013333333333333));
  CHECK(w2[1] == close(0.2133333333333333));
  CHECK(w3[0] == close(-1.121777777777778));
  CHECK(w3[1] == close(0.3868444444444444));
  CHECK(w3[2] == close(-0.06506666666666667));
  CHECK(w4[0] == close(-1.183466666666667));
  CHECK(w4[1] == close(0.5083241025641026));
  CHECK(w4[2] == close(-0.1390933333333333));
  CHECK(w4[3] == close(0.01423589743589744));
}

TEST_CASE("polynomials of degree p - 1 in the variable of the axis are integrated on random grids of every path") {
  std::mt19937 draw(21);
  for (int k = 0; k < 300; ++k)
    for (const axis along : {axis::rho, axis::time})
      for (int p = 1; p <= 5; ++p) {
        const grid levels = random_grid(draw, p);
        const level<>&s = levels[levels.steps() - 1], &t = levels[levels.steps()];
        const lms how{.p = p, .along = along};
        // Both models answer d itself: eps, and eps - x0 which a flow model says up to S = alpha + sigma.
        const probe run = along == axis::rho ? probe(how, levels, eps_model{}) : probe(how, levels, flow_model{});
        const step_row step = step_of(run, levels.steps() - 1);
        const double q_s = coordinate(along, s), q_t = coordinate(along, t), S = scale(along, t);
        if (along == axis::time && levels.path().name != "flow") continue;
        CHECK(step.a == Approx(S / scale(along, s)).epsilon(1e-13));
        for (int degree = 0; degree < p; ++degree) {
          double sum = 0, size = 0;
          for (std::size_t j = 0; j < static_cast<std::size_t>(p); ++j) {
            const double power = std::pow(coordinate(along, levels[levels.steps() - 1 - j]), degree);
            sum += step.b[j] * power, size += (std::abs(step.b[j]) + step.scale) * power;
          }
          const double wanted = S * (std::pow(q_t, degree + 1) - std::pow(q_s, degree + 1)) / (degree + 1);
          CHECK(std::abs(sum - wanted) <= 1e-13 * (size + std::abs(wanted)));
        }
      }
}

TEST_CASE("it is DEIS in rho") {
  std::mt19937 draw(22);
  const grid levels = random_grid(draw, 7);
  for (int p = 1; p <= 4; ++p)
    CHECK(probe(lms{.p = p}, levels, v_model{}).state == probe(deis{.q = p - 1, .in = deis_in::rho}, levels, v_model{}).state);
}

TEST_CASE("shifted gives the third weight to the second slope, and so on") {
  const std::vector<double> sigmas{10, 6, 3.5, 2, 1.2};
  const row right = last_weights({}, sigmas), shifted = last_weights({.shifted = true}, sigmas);
  const auto close = [](double v) { return Approx(v).epsilon(0).margin(1e-13); };
  CHECK(shifted[0] == close(right[0]));
  CHECK(shifted[1] == close(right[1] + right[2]));
  CHECK(shifted[2] == close(right[3]));
  CHECK(shifted[3] == close(0));
}

TEST_CASE("it goes to sigma = 0 in full order: there too a polynomial is integrated") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{4, 2, 1, 0});
  const row w = step_of(probe(lms{.p = 3}, levels, eps_model{}), 2).b;
  CHECK(w[0] + w[1] + w[2] == Approx(-1).epsilon(1e-13));
  CHECK(w[0] + 2 * w[1] + 4 * w[2] == Approx(-0.5).epsilon(1e-13));
  CHECK(w[0] + 4 * w[1] + 16 * w[2] == Approx(-1. / 3).epsilon(1e-13));
}

TEST_CASE("from alpha = 0 along rho an Euler step is taken, and the history begins after it") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.6, 0.3, 0.1});
  const probe p(lms{}, levels, v_model{}), one(lms{.p = 1}, levels, v_model{});
  CHECK(p.state[1] == one.state[1]);
  CHECK(p.state[2] == one.state[2]);
  CHECK(p.state[3] != one.state[3]);
  // Along time nothing is infinite there.
  const probe along_time(lms{.along = axis::time}, levels, flow_model{});
  CHECK(along_time.state[2] != probe(lms{.p = 1, .along = axis::time}, levels, flow_model{}).state[2]);
}

TEST_CASE("it starts from clean data, with a model that knows eps there") {
  const grid up = from_sigmas(ve{}, std::vector<double>{0, 0.1, 0.25, 0.5, 1});
  const probe p(lms{.p = 2}, up, eps_model{});
  CHECK(p.state[1][0] == 1);
  CHECK(p.state[1][1] == Approx(0.1).epsilon(1e-15));
  CHECK(p.state[4][0] == Approx(1).epsilon(1e-15));
}

TEST_CASE("lms refuses orders that it does not have") {
  CHECK_FALSE(lms{.p = 5}.check());
  CHECK(lms{.p = 6}.check()->what() == std::string("lms: order p is 6, needs 1 to 5"));
  CHECK(lms{.p = 0}.check()->what() == std::string("lms: order p is 0, needs 1 to 5"));
  CHECK(lms{.p = 2, .ends = ramp::given({3})}.check()->what() == std::string("lms: ramp.orders[0] is 3, needs 1 to 2"));
  CHECK(lms{.shifted = true}.order() == 1);
}
