// SPDX-License-Identifier: MIT
#include "diffode/method/warm_start.hpp"

#include "catch.hpp"
#include "conformance/orders.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// The order that a user of a plain grid sees, x0 predicted: equal steps from the first to the last.
template <class M>
double plain_order(const M& how, const family& f) {
  return measure(how.order(), told::x0, [&](int n) { return f.uniform(n); },
                 [&](const grid& g, told) { return compile(how, g, x0_model{}); }).order;
}

}  // namespace

TEST_CASE("the first steps are those of the one method, the later ones those of the other with its history full") {
  const grid levels = golden_grid();
  const probe p(warm_start<diffode::heun, diffode::dpmpp_3m>{}, levels, x0_model{}), two_stage(heun{}, levels, x0_model{});
  REQUIRE(p.calls() == 5);  // two each in the first two steps, then one
  for (const std::size_t i : {1U, 2U})
    for (std::size_t k = 0; k <= 2 * i; ++k) CHECK(p.state[i][k] == two_stage.state[i][k]);
  const double a = p.state[3][0] / p.state[2][0];
  const auto weight = [&](std::size_t call) { return (p.state[3][1 + call] - a * p.state[2][1 + call]) / levels[3].alpha; };
  // Two to three digits cancel where the probe takes the weight out of the run.
  CHECK(weight(4) == Approx(0.8405935906139194).epsilon(1e-14));
  CHECK(weight(2) == Approx(-0.5504371652093926).epsilon(1e-13));
  CHECK(weight(0) == Approx(0.1033129148828396).epsilon(1e-13));
  CHECK(std::abs(weight(1)) < 1e-15);
  CHECK(std::abs(weight(3)) < 1e-15);
}

TEST_CASE("with Euler as the first method it is what multistep methods do of themselves") {
  std::mt19937 draw(13);
  for (int k = 0; k < 100; ++k) {
    const grid levels = random_grid(draw, 5);
    const probe warm(warm_start<euler, dpmpp_2m>{}, levels, x0_model{}), plain(dpmpp_2m{}, levels, x0_model{});
    CHECK(warm.state == plain.state);
    const probe none(warm_start<heun, dpmpp_3m>{.steps = 0}, levels, x0_model{}), bare(dpmpp_3m{}, levels, x0_model{});
    CHECK(none.state == bare.state);
  }
}

TEST_CASE("on plain uniform grids, third-order multistep reaches its order, which it does not by itself") {
  for (const family& f : families()) {
    INFO(f.name);
    CHECK(plain_order(warm_start<heun, dpmpp_3m>{}, f) == Approx(3).margin(0.15));
    CHECK(plain_order(dpmpp_3m{}, f) < 2.85);
    CHECK(plain_order(warm_start<heun, lms>{.then = {.p = 3}}, f) == Approx(3).margin(0.15));
  }
}

TEST_CASE("on plain uniform grids, multistep with four evaluations reaches order 4 after steps of order 3") {
  for (const family& f : families()) {
    INFO(f.name);
    const singlestep three_stages{.p = 3};
    const unipc predictor{.p = 4, .corrector = false, .ends = ramp::full()}, corrected{.p = 3, .ends = ramp::full()};
    CHECK(plain_order(warm_start<singlestep, unipc>{.first = three_stages, .then = predictor}, f) == Approx(4).margin(0.15));
    CHECK(plain_order(warm_start<singlestep, unipc>{.first = three_stages, .then = corrected}, f) == Approx(4).margin(0.15));
    CHECK(plain_order(warm_start<singlestep, unic<dpmpp_3m>>{.first = three_stages, .then = {.ends = ramp::full()}}, f) == Approx(4).margin(0.15));
    CHECK(plain_order(warm_start<singlestep, lms>{.first = three_stages}, f) == Approx(4).margin(0.15));
  }
}

TEST_CASE("history begins at the first finite lambda") {
  // From alpha = 0: an Euler step, then two of Heun, then the multistep method.
  const probe p(warm_start<heun, dpmpp_3m>{}, from_times(flow{}, std::vector<double>{1, 0.8, 0.6, 0.4, 0.2, 0.1}), x0_model{});
  std::vector<int> calls(5);
  for (int k = 0; k < p.made.calls(); ++k) ++calls[static_cast<std::size_t>(p.made.call(k).step)];
  CHECK(calls == std::vector<int>{1, 2, 2, 1, 1});
}

TEST_CASE("no corrector touches what the first method made") {
  const grid levels = at_lambdas({-2, -1.5, -1.1, -0.4, 0, 0.5, 1});
  const auto untouched = [](const probe& p) {
    std::vector<int> points;
    for (std::size_t i = 1; i < p.state.size(); ++i)
      if (p.state[i] == p.predicted[i]) points.push_back(static_cast<int>(i));
    return points;
  };
  const unipc inner{.p = 2, .corrector = false};
  CHECK(untouched(probe(warm_start<heun, unipc>{}, levels, x0_model{})) == std::vector<int>{1, 2, 6});
  CHECK(untouched(probe(warm_start<heun, unic<unipc>>{.then = {.predictor = inner}}, levels, x0_model{})) == std::vector<int>{1, 2, 6});
}

TEST_CASE("what does not fit together is refused") {
  CHECK_FALSE(warm_start<diffode::heun, diffode::dpmpp_3m>{}.check());
  CHECK(warm_start<diffode::heun, diffode::dpmpp_3m>{.steps = -1}.check()->what() == std::string("warm_start: steps is -1, needs 0 or more"));
  CHECK(warm_start<dpmpp_2m, dpmpp_3m>{}.check()->what() ==
        std::string("warm_start: first is dpmpp_2m, which keeps evaluations, needs a one-step method"));
  CHECK(warm_start<heun, dpmpp_3m>{.then = {.target = prediction::eps}}.check()->what() ==
        std::string("warm_start: heun and dpmpp_3m differ in their target, need the same"));
  CHECK(warm_start<ddim, dpmpp_3m>{.first = {.eta = 2}}.check()->what() == std::string("ddim: eta is 2, needs a number from 0 to 1"));
  CHECK(warm_start<heun, dpmpp_3m>{.then = {.ends = ramp::given({4})}}.check()->what() ==
        std::string("dpmpp_3m: ramp.orders[0] is 4, needs 1 to 3"));
}
