// SPDX-License-Identifier: MIT
#include "diffode/method/pndm.hpp"

#include "catch.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/ipndm.hpp"
#include "diffode/method/rk.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

void check_row(const row& a, const row& b, double margin) {
  REQUIRE(a.size() == b.size());
  double size = 1;
  for (const double v : a) size += std::abs(v);
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(std::abs(a[k] - b[k]) <= margin * size);
}

grid levels() { return from_sigmas(ve{}, std::vector<double>{11, 8, 6, 4.5, 3, 2, 1}); }

}  // namespace

TEST_CASE("it evaluates once more than there are steps with the Heun start, and nine times more with the Runge-Kutta start") {
  CHECK(probe(pndm{}, levels(), eps_model{}).calls() == 7);
  CHECK(probe(pndm{.start = pndm_start::runge_kutta}, levels(), eps_model{}).calls() == 15);
  CHECK(probe(pndm{.p = 2, .start = pndm_start::runge_kutta}, levels(), eps_model{}).calls() == 9);
  CHECK(probe(pndm{.p = 1}, levels(), eps_model{}).calls() == 6);
}

TEST_CASE("the Heun start is Heun's step, and its second evaluation is forgotten") {
  const probe p(pndm{}, levels(), eps_model{});
  const grid one = from_sigmas(ve{}, std::vector<double>{11, 8});
  const row first = probe(heun{}, one, eps_model{}).state[1];
  for (std::size_t k = 0; k < 3; ++k) CHECK(p.state[1][k] == Approx(first[k]).epsilon(1e-13));
  // Evaluations: 0 and 1 in the first step, then one in each. Step i from 1 on: rows over 2, 3, ... and 0, not 1.
  const auto added = [&](std::size_t i, std::size_t call) { return p.state[i + 1][1 + call] - p.state[i][1 + call]; };
  CHECK(added(1, 2) == Approx(-2 * 3. / 2).epsilon(1e-13));
  CHECK(added(1, 0) == Approx(-2 * -1. / 2).epsilon(1e-13));
  CHECK(added(1, 1) == Approx(0).margin(1e-13));
  CHECK(added(2, 3) == Approx(-1.5 * 23. / 12).epsilon(1e-13));
  CHECK(added(3, 4) == Approx(-1.5 * 55. / 24).epsilon(1e-13));
  CHECK(added(3, 3) == Approx(-1.5 * -59. / 24).epsilon(1e-13));
  CHECK(added(3, 2) == Approx(-1.5 * 37. / 24).epsilon(1e-13));
  CHECK(added(3, 0) == Approx(-1.5 * -9. / 24).epsilon(1e-12));
}

TEST_CASE("the Runge-Kutta start is the classical method if the middles are those of rho") {
  std::vector<level<>> middle;
  for (const double sigma : {9.5, 7.0, 5.25}) middle.push_back(make_level(sigma, 1, sigma));
  const probe p(pndm{.start = pndm_start::runge_kutta, .middle = middle}, levels(), eps_model{});
  const grid three = from_sigmas(ve{}, std::vector<double>{11, 8, 6, 4.5});
  const probe classical(rk{}, three, eps_model{});
  for (std::size_t i = 0; i <= 3; ++i)
    for (std::size_t k = 0; k < 13; ++k) CHECK(p.state[i][k] == Approx(classical.state[i][k]).epsilon(0).margin(1e-13));
  // Then the row of order 4 over the first evaluation of each step.
  const auto added = [&](std::size_t call) { return p.state[4][1 + call] - p.state[3][1 + call]; };
  CHECK(added(12) == Approx(-1.5 * 55. / 24).epsilon(1e-13));
  CHECK(added(8) == Approx(-1.5 * -59. / 24).epsilon(1e-13));
  CHECK(added(4) == Approx(-1.5 * 37. / 24).epsilon(1e-13));
  CHECK(added(0) == Approx(-1.5 * -9. / 24).epsilon(1e-12));
}

TEST_CASE("without a list the middles are in the schedule's time, and their labels too") {
  const grid times = from_times(vp_linear{}, std::vector<double>{0.9, 0.7, 0.4, 0.2, 0.1});
  std::vector<double> x{1}, told;
  sampler<double> s(pndm{.start = pndm_start::runge_kutta}, times, eps_model{}, x);
  while (const auto call = s.next()) {
    told.push_back(call->at.label);
    s.feed(std::vector<double>{0.1});
  }
  const std::vector<double> wanted{0.9, 0.8, 0.8, 0.7, 0.7, 0.55, 0.55, 0.4, 0.4, 0.3, 0.3, 0.2, 0.2};
  REQUIRE(told.size() == wanted.size());
  for (std::size_t k = 0; k < told.size(); ++k) CHECK(told[k] == Approx(wanted[k]).epsilon(1e-14));
}

TEST_CASE("v predictions are converted where they were made: any prediction of one model gives the same states") {
  // A model of constant x0 and eps is known in all forms; frozen outputs are not, so this runs a model that depends on x.
  const grid g = from_times(vp_linear{}, std::vector<double>{0.8, 0.6, 0.45, 0.3, 0.2, 0.1});
  const auto run = [&](const auto& form, auto answer) {
    std::vector<double> x{1.3};
    sampler<double> s(pndm{}, g, form, x);
    while (const auto call = s.next()) s.feed(std::vector<double>{answer(call->x[0], call->at)});
    return x[0];
  };
  const auto x0_of = [](double x, const level<>& at) { return std::tanh(x * at.alpha); };
  const double eps = run(eps_model{}, [&](double x, const level<>& at) { return (x - at.alpha * x0_of(x, at)) / at.sigma; });
  const double v = run(v_model{}, [&](double x, const level<>& at) {
    const double x0 = x0_of(x, at);
    return at.alpha * (x - at.alpha * x0) / at.sigma - at.sigma * x0;
  });
  CHECK(eps == Approx(v).epsilon(1e-13));
}

TEST_CASE("a start next to the ends of the path is an Euler step, and begins again after alpha = 0") {
  CHECK(probe(pndm{}, from_sigmas(ve{}, std::vector<double>{2, 0}), x0_model{}).calls() == 1);
  const grid g = from_times(flow{}, std::vector<double>{1, 0.7, 0.4, 0.2});
  CHECK(probe(pndm{}, g, v_model{}).calls() == 4);  // one, two, one
  CHECK(probe(pndm{.start = pndm_start::runge_kutta}, g, v_model{}).calls() == 9);
}

TEST_CASE("after the start it is ipndm") {
  // From the third step on, in what they add for the same evaluations.
  const probe p(pndm{}, levels(), eps_model{}), q(ipndm{}, levels(), eps_model{});
  row added_p, added_q;
  for (const std::size_t call : {6u, 5u, 4u, 3u}) added_p.push_back(p.state[6][1 + call] - p.state[5][1 + call]);
  for (const std::size_t call : {5u, 4u, 3u, 2u}) added_q.push_back(q.state[6][1 + call] - q.state[5][1 + call]);
  check_row(added_p, added_q, 1e-13);
}

TEST_CASE("pndm says its order, and refuses what it does not have") {
  CHECK(pndm{}.order() == 2);
  CHECK(pndm{.weights = adams::exact}.order() == 4);
  CHECK(pndm{.p = 5}.check()->what() == std::string("pndm: order p is 5, needs 1 to 4"));
  CHECK(pndm{.weights = adams::ipndm_v}.check()->what() == std::string("pndm: weights is adams::ipndm_v, needs exact or uniform"));
}
