// SPDX-License-Identifier: MIT
#include "diffode/method/unic.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

template <class M>
probe probe_of(const M& how, const grid& levels) {
  return how.target == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{});
}

/// Both states at every point agree. Corrected states are made in another way: from the state before the step, and by
/// changing the predicted one; they differ by roundings of numbers of this size, some per step.
template <class A, class B>
void check_equal(const A& a, const B& b, const grid& levels) {
  const probe one = probe_of(a, levels), other = probe_of(b, levels);
  double size = 0;
  for (const row& x : other.state)
    for (const double v : x) size = std::fmax(size, std::abs(v));
  for (std::size_t i = 0; i < one.state.size(); ++i)
    for (std::size_t k = 0; k < one.state[i].size(); ++k) {
      CHECK(std::abs(one.state[i][k] - other.state[i][k]) <= 1e-13 * size);
      CHECK(std::abs(one.predicted[i][k] - other.predicted[i][k]) <= 1e-13 * size);
    }
}

/// Weights {w_t, w_0, w_1, ...} by which the corrector makes the state at point `i` from the corrected one before.
row corrected_weights(const probe& p, const grid& levels, prediction form, std::size_t i) {
  const double a = p.state[i][0] / p.state[i - 1][0], G = form == prediction::x0 ? levels[i].alpha : -levels[i].sigma;
  row w;
  for (std::size_t j = 0; j <= i; ++j) w.push_back((p.state[i][i + 1 - j] - a * p.state[i - 1][i + 1 - j]) / G);
  return w;
}

}  // namespace

TEST_CASE("over UniP it is UniPC, for every order, form and prediction, on random grids of every path") {
  std::mt19937 draw(11);
  for (int k = 0; k < 40; ++k) {
    const grid levels = random_grid(draw, 6);
    for (int p = 1; p <= 4; ++p)
      for (const unified form : {unified::bh1, unified::bh2, unified::exact, unified::vary_coeff})
        for (const prediction target : {prediction::x0, prediction::eps})
          for (const ramp& ends : {ramp::full(), ramp::lowered()}) {
            const unipc alone{.p = p, .form = form, .target = target, .corrector = false, .ends = ends};
            const unipc both{.p = p, .form = form, .target = target, .ends = ends};
            check_equal(unic<unipc>{.predictor = alone, .p = p, .form = form, .ends = ends}, both, levels);
          }
  }
}

TEST_CASE("over DDIM and DPM-Solver++(2M) it is UniPC of order 1 and 2") {
  std::mt19937 draw(12);
  for (int k = 0; k < 100; ++k) {
    const grid levels = random_grid(draw, 5);
    check_equal(unic<ddim>{}, unipc{.p = 1}, levels);
    check_equal(unic<dpmpp_2m>{.ends = ramp::full()}, unipc{.ends = ramp::full()}, levels);
    const dpmpp_2m noise{.form = slope::heun, .target = prediction::eps};
    check_equal(unic<dpmpp_2m>{.predictor = noise, .form = unified::exact, .ends = ramp::full()},
                unipc{.form = unified::exact, .target = prediction::eps, .ends = ramp::full()}, levels);
  }
}

TEST_CASE("the corrector's weights are those of the paper, whatever method it corrects") {
  const grid levels = at_lambdas({-1.1, -0.4, 0, 0.5, 1});
  const auto check = [&](const auto& how, const row& wanted) {
    const row w = corrected_weights(probe_of(how, levels), levels, how.target, 3);
    REQUIRE(w.size() == 4);
    // Up to two digits cancel where the probe takes the smallest weight out of the run.
    for (std::size_t j = 0; j < 4; ++j) CHECK(w[j] == Approx(wanted[j]).epsilon(1e-14).margin(2e-15));
  };
  const row data{0.1617575964048041, 0.3112050932891057, -0.08827260405280929, 0.008779254646265791};
  const row noise{0.2137899936239024, 0.5638732175911032, -0.1428712295402691, 0.01392928902539151};
  check(unic<ddim>{.p = 3, .ends = ramp::full()}, data);
  check(unic<dpmpp_2m>{.p = 3, .ends = ramp::full()}, data);
  check(unic<dpmpp_3m>{.ends = ramp::full()}, data);
  check(unic<dpmpp_3m>{.predictor = {.target = prediction::eps}, .ends = ramp::full()}, noise);
  check(unic<dpmpp_2m>{.p = 1, .form = unified::bh1}, {0.25, 0.1434693402873664, 0, 0});
  check(unic<dpmpp_2m>{.p = 1}, {0.1967346701436832, 0.1967346701436832, 0, 0});
  check(unic<dpmpp_2m>{.ends = ramp::full()}, {0.1767798765773034, 0.2620412672700173, -0.0453518035599543, 0});
}

TEST_CASE("the corrector costs no evaluation and no kernel, one array for the state before the step, and history") {
  const grid levels = at_lambdas({-2, -1.5, -1.1, -0.4, 0, 0.5, 1});
  const plan made = compile(unic<dpmpp_2m>{}, levels, eps_model{}), bare = compile(dpmpp_2m{}, levels, eps_model{});
  CHECK(made.calls() == bare.calls());
  CHECK(made.kernels() == made.calls());
  CHECK(made.slots() == bare.slots() + 2);
  const plan two = compile(unic<heun>{}, levels, eps_model{});
  CHECK(two.calls() == 12);
  CHECK(two.kernels() == 12);
}

TEST_CASE("its order grows at the start and falls to the end, as its ramp says") {
  const grid levels = at_lambdas({-2, -1.5, -1.1, -0.4, 0, 0.5, 1});
  const auto nodes = [&](const unic<dpmpp_2m>& how) {
    const probe p = probe_of(how, levels);
    std::vector<int> used;
    for (std::size_t i = 1; i < levels.steps(); ++i) {
      const row w = corrected_weights(p, levels, prediction::x0, i);
      int n = -1;
      for (const double v : w) n += std::abs(v) > 1e-12;
      used.push_back(n);
    }
    return used;
  };
  CHECK(nodes({.p = 3}) == std::vector<int>{1, 2, 3, 3, 2});
  CHECK(nodes({.p = 3, .ends = ramp::full()}) == std::vector<int>{1, 2, 3, 3, 3});
  CHECK(nodes({.p = 4, .ends = ramp::given({1, 1, 2})}) == std::vector<int>{1, 1, 2, 2, 2});
}

TEST_CASE("next to infinite lambda and at the last point the state stays as predicted") {
  const probe p(unic<dpmpp_3m>{}, from_times(flow{}, std::vector<double>{1, 0.7, 0.4, 0}), x0_model{});
  CHECK(p.state[1] == p.predicted[1]);
  CHECK(p.state[2] != p.predicted[2]);
  CHECK(p.state[3] == row{0, 0, 0, 1});
}

TEST_CASE("its order is one more than the predictor's or its own, the smaller of the two") {
  CHECK(unic<ddim>{}.order() == 2);
  CHECK(unic<ddim>{.p = 3}.order() == 2);
  CHECK(unic<dpmpp_2m>{}.order() == 3);
  CHECK(unic<dpmpp_2m>{.p = 3}.order() == 3);
  CHECK(unic<dpmpp_2m>{.p = 1}.order() == 2);
  CHECK(unic<dpmpp_3m>{}.order() == 4);
  CHECK(unic<dpmpp_3m>{.predictor = {.weights = curvature::published}, .p = 3}.order() == 3);
  CHECK(unic<dpmpp_2m>{.form = unified::vary_coeff}.order() == 1);
}

TEST_CASE("what can not be corrected is refused") {
  CHECK_FALSE(unic<dpmpp_2m>{}.check());
  CHECK(unic<dpmpp_2m>{.p = 5}.check()->what() == std::string("unic: order p is 5, needs 1 to 4"));
  CHECK(unic<dpmpp_2m>{.p = 0}.check()->what() == std::string("unic: order p is 0, needs 1 to 4"));
  CHECK(unic<dpmpp_2m>{.ends = ramp::given({3})}.check()->what() == std::string("unic: ramp.orders[0] is 3, needs 1 to 2"));
  CHECK(unic<dpmpp_2m>{.target = prediction::eps}.check()->what() == std::string("unic: target differs from the predictor's, needs the same"));
  CHECK(unic<ddim>{.predictor = {.eta = 2}}.check()->what() == std::string("ddim: eta is 2, needs a number from 0 to 1"));
  const grid levels = at_lambdas({-1, 0, 1});
  CHECK(try_compile(unic<ddim>{.predictor = {.eta = 1}}, levels, eps_model{}).reason()->what() ==
        std::string("unic: its predictor draws noise, needs a deterministic one"));
  CHECK(try_compile(unic<unipc>{}, levels, eps_model{}).reason()->what() ==
        std::string("unic: its predictor corrects states too, needs one that does not"));
  CHECK(try_compile(unic<lms>{}, levels, eps_model{}).reason()->what() ==
        std::string("unic: its predictor remembers something else than predictions, needs one that remembers these or nothing"));
}
