// SPDX-License-Identifier: MIT
#include "diffode/method/dual_fast.hpp"

#include "catch.hpp"
#include "conformance/orders.hpp"
#include "method/probe.hpp"
#include "method/quantile_error.hpp"

#include <string>
#include <vector>

using namespace diffode_test;

namespace {

constexpr auto noise_form = prediction::eps;

/// c = 0 makes the plan of the method inside, instruction by instruction and coefficient by coefficient.
template <class M>
void check_without_strength(const M& how) {
  for (const family& f : families())
    for (const told what : every_told)
      for (const int n : {1, 2, 7}) {
        const grid g = f.uniform(n);
        INFO(how.name << " on " << f.name << " with " << name(what));
        const dual_fast<M> none{.inner = how, .strength = dual_strength::constant(0)};
        CHECK(compile(none, g, told_model{what}).fingerprint() == compile(how, g, told_model{what}).fingerprint());
        CHECK(none.order() == how.order());
      }
}

/// The second step is that of the method inside and c B (eps_1 - eps_0), element by element of the linear probe.
template <class M>
void check_second_step(const M& how, dual_reading reading, std::mt19937& draw) {
  constexpr double c = 0.3;
  const grid g = random_grid(draw, 3);
  const probe plain(how, g, eps_model{}), led(dual_fast<M>{.inner = how, .strength = dual_strength::constant(c), .reading = reading}, g, eps_model{});
  INFO(how.name << " on " << g.path().name);
  CHECK(led.state[1] == plain.state[1]);
  // The first evaluation of the second step is the first that is made at g[1].
  std::size_t second = 0;
  while (plain.made.call(static_cast<int>(second)).step == 0) ++second;
  const double B = reading == dual_reading::full ? g[2].sigma - g[1].sigma * g[2].alpha / g[1].alpha : g[2].sigma;
  for (std::size_t k = 0; k < plain.predicted[2].size(); ++k) {
    const double moved = k == 1 + second ? c * B : k == 1 ? -c * B : 0;
    // A few roundings of numbers as large as the terms of the step.
    CHECK(std::abs(led.predicted[2][k] - plain.predicted[2][k] - moved) <= 2.2e-16 * 20 * (1 + plain.made.largest_coefficient()));
  }
}

/// Levels of the specification's runs: variance preserving, lambda from -5 to 4.5 in equal steps.
grid levels_of(int steps) {
  std::vector<double> lambdas;
  for (int i = 0; i <= steps; ++i) lambdas.push_back(-5 + 9.5 * i / steps);
  return at_lambdas(lambdas, by_lambda{.vp = true});
}

template <class M>
double error_of(const M& how, int steps, const dual_strength& strength, dual_reading reading = dual_reading::full) {
  return quantile_error(dual_fast<M>{.inner = how, .strength = strength, .reading = reading}, gmm_a(), levels_of(steps));
}

/// The known errors at constant strengths 0, .1, .2, .3, .5, and at one that rises to 1. Four digits are known.
template <class M>
void check_row(const M& how, int steps, const double (&known)[6], dual_reading reading = dual_reading::full) {
  constexpr double strengths[] = {0, 0.1, 0.2, 0.3, 0.5};
  for (std::size_t k = 0; k < 5; ++k) {
    INFO(how.name << ", " << steps << " steps, c = " << strengths[k]);
    CHECK(error_of(how, steps, dual_strength::constant(strengths[k]), reading) == Approx(known[k]).epsilon(5e-4));
  }
  INFO(how.name << ", " << steps << " steps, c from 0 to 1");
  CHECK(error_of(how, steps, dual_strength::linear(1), reading) == Approx(known[5]).epsilon(5e-4));
}

const dpmpp_2m two{.ends = ramp::lowered()};
const dpmpp_3m three{.weights = curvature::published, .ends = ramp::lowered()};

template <class M>
std::string why_not(const M& how, const grid& g) {
  const auto made = try_compile(how, g, x0_model{});
  return made ? "accepted" : made.reason()->what();
}

}  // namespace

TEST_CASE("without strength it is the method inside, bit by bit") {
  check_without_strength(ddim{});
  check_without_strength(ddim{.rederive_noise = true});
  for (const prediction target : {prediction::x0, noise_form}) {
    check_without_strength(dpmpp_2m{.target = target});
    check_without_strength(dpmpp_3m{.target = target});
    check_without_strength(unipc{.p = 3, .target = target});
    for (const int p : {1, 2, 3}) check_without_strength(singlestep{.p = p, .target = target});
  }
}

TEST_CASE("a step is that of the method inside, led away from the earlier noise by c times the first-order coefficient") {
  std::mt19937 draw(5);
  for (const dual_reading reading : {dual_reading::full, dual_reading::explicit_term})
    for (int k = 0; k < 20; ++k) {
      check_second_step(ddim{}, reading, draw);
      for (const prediction target : {prediction::x0, noise_form}) {
        check_second_step(dpmpp_2m{.target = target}, reading, draw);
        check_second_step(dpmpp_3m{.target = target}, reading, draw);
        check_second_step(unipc{.target = target}, reading, draw);
        check_second_step(singlestep{.target = target}, reading, draw);
      }
    }
}

TEST_CASE("with c = h/(2 h_before), DDIM is the noise form of DPM-Solver-2M") {
  std::mt19937 draw(8);
  for (int k = 0; k < 50; ++k) {
    const grid g = random_grid(draw, 6);
    std::vector<double> c{0};
    for (std::size_t i = 1; i < g.steps(); ++i) c.push_back((g[i + 1].lambda - g[i].lambda) / (g[i].lambda - g[i - 1].lambda) / 2);
    const probe led(dual_fast<ddim>{.strength = dual_strength::given(c)}, g, v_model{}), two_step(dpmpp_2m{.target = noise_form}, g, v_model{});
    for (std::size_t i = 0; i < led.state.size(); ++i)
      for (std::size_t j = 0; j < led.state[i].size(); ++j) {
        INFO("state " << i << ", input " << j << " on " << g.path().name);
        CHECK(std::abs(led.state[i][j] - two_step.state[i][j]) <= 2.2e-16 * 100 * (1 + led.made.largest_coefficient()));
      }
  }
}

TEST_CASE("the first prediction is kept through the run where all others are led away from it") {
  std::mt19937 draw(9);
  constexpr double c = 0.2;
  const grid g = random_grid(draw, 4);
  const probe led(dual_fast<ddim>{.strength = dual_strength::constant(c), .from = dual_from::first}, g, eps_model{});
  for (std::size_t i = 1; i < 4; ++i) {
    const step_row row = step_of(led, i);
    const double B = g[i + 1].sigma - g[i].sigma * g[i + 1].alpha / g[i].alpha;
    CHECK(row.b[0] == Approx((1 + c) * B).epsilon(1e-12));
    CHECK(row.b[i] == Approx(-c * B).epsilon(1e-9));  // two to three digits cancel where the probe takes it out of the run
    for (std::size_t j = 1; j < i; ++j) CHECK(std::abs(row.b[j]) < 1e-13 * row.scale);
  }
  CHECK(led.made.slots() == 2);
}

TEST_CASE("strengths run from the first step to the last, or are given") {
  const dual_strength rising = dual_strength::linear(0.6), same = dual_strength::constant(0.3), listed = dual_strength::given({0, 0.5});
  CHECK(rising.at({0, 4}) == 0);
  CHECK(rising.at({1, 4}) == Approx(0.2));
  CHECK(rising.at({3, 4}) == Approx(0.6));
  CHECK(rising.at({0, 1}) == 0);
  for (const int i : {0, 1, 2, 6}) CHECK(same.at({i, 7}) == 0.3);
  CHECK(listed.at({0, 4}) == 0);
  CHECK(listed.at({1, 4}) == 0.5);
  CHECK(listed.at({3, 4}) == 0.5);
  CHECK(dual_fast<ddim>{}.strength.end == 0.5);
  CHECK(dual_fast<dpmpp_2m>{}.strength.end == 0.1);
}

TEST_CASE("errors on a mixture of normals are those of another implementation, for both readings") {
  check_row(ddim{}, 5, {.2543, .2236, .1955, .1703, .1317, .1207});
  check_row(ddim{}, 10, {.1489, .1275, .1074, .08882, .05667, .04492});
  check_row(ddim{}, 5, {.2543, .2599, .2656, .2714, .2831, .2949}, dual_reading::explicit_term);
  check_row(ddim{}, 10, {.1489, .1632, .1781, .1935, .2264, .2451}, dual_reading::explicit_term);
  check_row(two, 5, {.1276, .1204, .1218, .1306, .1618, .2030});
  check_row(two, 10, {.05039, .05822, .07244, .08919, .1240, .1464});
  check_row(three, 5, {.1042, .1081, .1192, .1349, .1729, .2147});
}

TEST_CASE("with a model that says too little noise near the data, a little strength mends what it can") {
  const told_noise too_little = [](double eps, const level<>& at) { return eps * (1 - 0.05 * (1 - at.sigma)); };
  const auto error = [&](double c) { return quantile_error(dual_fast<dpmpp_2m>{.inner = two, .strength = dual_strength::constant(c)}, gmm_a(), levels_of(5), too_little); };
  CHECK(error(0) == Approx(.1219).epsilon(5e-4));
  CHECK(error(0.1) == Approx(.1166).epsilon(5e-4));
  CHECK(error(0.2) == Approx(.1203).epsilon(5e-4));
}

TEST_CASE("orders: one with the whole term replaced, none where the steps' changes do not fall with their length") {
  const auto gain = [](const auto& how) { return quantile_error(how, gmm_a(), levels_of(160)) / quantile_error(how, gmm_a(), levels_of(320)); };
  CHECK(dual_fast<dpmpp_2m>{}.order() == 1);
  CHECK(gain(dual_fast<dpmpp_2m>{.inner = two}) == Approx(2).margin(0.2));
  CHECK(gain(dual_fast<ddim>{.strength = dual_strength::constant(0.5)}) == Approx(4).margin(0.4));  // on equal steps: DPM-Solver-2M
  const dual_fast<ddim> beside{.reading = dual_reading::explicit_term}, away{.from = dual_from::first};
  CHECK(beside.order() == 0);
  CHECK(away.order() == 0);
  // Errors that stay: the ratio of two runs, one with half the steps of the other, is near 1.
  CHECK(gain(beside) == Approx(1).margin(0.1));
  CHECK(gain(away) == Approx(1).margin(0.1));
}

TEST_CASE("what it can not go around is refused, with the reason") {
  const grid g = families()[0].uniform(3);
  CHECK_FALSE(dual_fast<ddim>{}.check());
  CHECK(why_not(dual_fast<ddim>{.strength = dual_strength::constant(-0.1)}, g) == "dual_fast: strength.begin is -0.1, needs a number from 0 to 1000000");
  CHECK(why_not(dual_fast<ddim>{.strength = dual_strength::linear(1e7)}, g) == "dual_fast: strength.end is 10000000, needs a number from 0 to 1000000");
  CHECK(why_not(dual_fast<ddim>{.strength = dual_strength::given({})}, g) == "dual_fast: strength.each is nan, needs a number from 0 to 1000000");
  CHECK(why_not(dual_fast<ddim>{.strength = dual_strength::given({0, -1})}, g) == "dual_fast: strength.each is -1, needs a number from 0 to 1000000");
  CHECK(why_not(dual_fast<dpmpp_2m>{.target = noise_form}, g) == "dual_fast: target is not that of dpmpp_2m, needs the same");
  CHECK(why_not(dual_fast<reversible<heun>>{}, g) == "dual_fast: reversible carries a second state, needs a method without one");
  CHECK(why_not(dual_fast<ddim>{.inner = {.eta = 2}}, g) == "ddim: eta is 2, needs a number from 0 to 1");
  CHECK(why_not(dual_fast<ddim>{.inner = {.eta = 1}}, g) == "dual_fast: ddim draws noise, needs a deterministic method");
  CHECK(why_not(dual_fast<dual_fast<ddim>>{}, g) == "dual_fast: dual_fast hands a prediction on itself, needs a method that does not");
  CHECK(why_not(dual_fast<warm_start<dual_fast<ddim>, dpmpp_2m>>{}, g) == "warm_start: first is dual_fast, which keeps evaluations, needs a one-step method");
  CHECK(why_not(dual_fast<warm_start<heun, dual_fast<dpmpp_2m>>>{}, g) == "dual_fast: warm_start hands a prediction on itself, needs a method that does not");
  CHECK(why_not(reversible<dual_fast<ddim>>{}, g) == "reversible: dual_fast remembers 1 evaluations, needs a method that remembers none");
}
