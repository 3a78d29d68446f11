// SPDX-License-Identifier: MIT
#include "diffode/method/exponential_rk.hpp"

#include "catch.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/singlestep.hpp"
#include "method/probe.hpp"

#include <string>
#include <utility>

using namespace diffode_test;

namespace {

/// All coefficients of two methods on random grids of every path, in the form of both.
template <class A, class B>
void check_same(const A& a, const B& b, unsigned seed) {
  std::mt19937 draw(seed);
  for (int k = 0; k < 200; ++k) {
    const grid levels = random_grid(draw, 2);
    const bool data = a.target == prediction::x0;
    const row x = (data ? probe(a, levels, x0_model{}) : probe(a, levels, eps_model{})).state[2];
    const row y = (data ? probe(b, levels, x0_model{}) : probe(b, levels, eps_model{})).state[2];
    REQUIRE(x.size() == y.size());
    double size = 1;
    for (const double v : y) size += std::abs(v);
    // Two steps of some ten roundings, of weights that cancel to a tenth of their parts.
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(x[i] - y[i]) <= 1e-13 * size);
  }
}

}  // namespace

TEST_CASE("tableaus of two and three stages are the DPM-Solvers, in both forms") {
  unsigned seed = 61;
  for (const prediction target : {prediction::x0, prediction::eps}) {
    for (const double c : {0.3, 0.5, 1.})
      check_same(exponential_rk{.table = etd2rk(c), .target = target}, singlestep{.form = slope::heun, .target = target, .r1 = {c}}, seed++);
    check_same(exponential_rk{.table = stiff_3(), .target = target}, singlestep{.p = 3, .target = target}, seed++);
    // The midpoint form has phi_1/2 where the other has phi_2.
    const exponential_tableau midpoint{2, {0, 0.5}, {{2, 1, 1, 1, 1}}};
    check_same(exponential_rk{.table = midpoint, .target = target}, singlestep{.target = target}, seed++);
    // The parabola through 0, 1/3 and 2/3: w1 = (r2 phi_2 - 2 phi_3)/(r1 (r2 - r1)), w2 = (2 phi_3 - r1 phi_2)/(r2 (r2 - r1)).
    const exponential_tableau parabola{3, {0, 1. / 3, 2. / 3},
                                       {{2, 1, 2, 2. / 3, 4. / 3}, {3, 1, 2, 1, 6}, {3, 1, 3, 1, -18}, {3, 2, 2, 1, -1.5}, {3, 2, 3, 1, 9}}};
    check_same(exponential_rk{.table = parabola, .target = target}, singlestep{.p = 3, .form = slope::heun, .target = target}, seed++);
  }
}

TEST_CASE("a tableau of one stage is ddim, and so is any step where the ramp says 1") {
  const grid levels = at_lambdas({-1, 0, 1.5}, vp_linear{});
  const row wanted = probe(ddim{}, levels, x0_model{}).state[2];
  for (const exponential_rk& how : {exponential_rk{.table = {1, {0}, {}}}, exponential_rk{.ends = ramp::given({1})}}) {
    const row got = probe(how, levels, x0_model{}).state[2];
    REQUIRE(got.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) CHECK(got[k] == Approx(wanted[k]).epsilon(1e-14));
  }
}

TEST_CASE("stages lie at the nodes; evaluations are as many, one on a step to sigma = 0 or from alpha = 0") {
  const plan made = compile(exponential_rk{}, from_times(flow{}, std::vector<double>{1, 0.6, 0.3, 0}), x0_model{});
  REQUIRE(made.calls() == 1 + 5 + 1);
  const level<> s = flow{}.at(0.6), t = flow{}.at(0.3);
  const double nodes[] = {0, 0.5, 0.5, 1, 0.5};
  for (int k = 0; k < 5; ++k)
    CHECK(made.call(1 + k).at.lambda == Approx(s.lambda + nodes[k] * (t.lambda - s.lambda)).epsilon(1e-13));
}

TEST_CASE("tableaus that make no sense are refused") {
  const auto refusal = [](exponential_tableau t) { return std::string(exponential_rk{.table = std::move(t)}.check()->what()); };
  CHECK_FALSE(exponential_rk{}.check());
  CHECK(refusal({1, {}, {}}) == "exponential_rk: number of stages is 0, needs 1 to 8");
  CHECK(refusal({1, std::vector<double>(9, 0), {}}) == "exponential_rk: number of stages is 9, needs 1 to 8");
  CHECK(refusal({0, {0}, {}}) == "exponential_rk: order of the tableau is 0, needs 1 or more");
  CHECK(refusal({1, {0.5}, {}}) == "exponential_rk: nodes[0] is 0.5, needs 0");
  CHECK(refusal({1, {0, 1.5}, {}}) == "exponential_rk: nodes[1] is 1.5, needs a number above 0 and not above 1");
  CHECK(refusal({1, {0, 1}, {{1, 0, 1, 1, 1}}}) ==
        "exponential_rk: terms[0] is for row 1 and column 0, needs a row from 2 to 2 and a column from 1 to below it");
  CHECK(refusal({1, {0, 1}, {{2, 1, 7, 1, 1}}}) == "exponential_rk: terms[0] has phi 7, needs 0 to 6");
  CHECK(exponential_rk{.ends = ramp::given({5})}.check()->what() == std::string("exponential_rk: ramp.orders[0] is 5, needs 1 to 4"));
}
