// SPDX-License-Identifier: MIT
#include "diffode/method/rk.hpp"

#include "catch.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/heun.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;
using tableau = butcher_tableau;

namespace {

void check_same(const probe& a, const probe& b, double margin) {
  REQUIRE(a.state.size() == b.state.size());
  for (std::size_t i = 0; i < a.state.size(); ++i) {
    REQUIRE(a.state[i].size() == b.state[i].size());
    double size = 1;
    for (const double v : a.state[i]) size += std::abs(v);
    for (std::size_t k = 0; k < a.state[i].size(); ++k) CHECK(std::abs(a.state[i][k] - b.state[i][k]) <= margin * size);
  }
}

}  // namespace

TEST_CASE("with Heun's and Euler's tableaux it is heun and euler, on both axes") {
  std::mt19937 draw(41);
  for (int turn = 0; turn < 100; ++turn) {
    const grid levels = random_grid(draw, 3);
    for (const axis along : {axis::rho, axis::time})
      check_same(probe(rk{.how = tableau::heun2(), .along = along}, levels, v_model{}), probe(heun{.along = along}, levels, v_model{}), 1e-12);
    CHECK(probe(rk{.how = tableau::euler()}, levels, v_model{}).state == probe(euler{}, levels, v_model{}).state);
  }
}

TEST_CASE("one step is the textbook's, for slopes that do not depend on the state: its nodes and weights") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{5, 2});
  for (const tableau& how : {tableau::kutta3(), tableau::ssp3(), tableau::kutta4(), tableau::cash_karp(), tableau::dormand_prince()}) {
    std::vector<double> x{1};
    sampler<double> s(rk{.how = how}, levels, eps_model{}, x);
    double wanted = 1;
    std::size_t i = 0;
    while (const auto call = s.next()) {
      CHECK(call->at.sigma == Approx(5 - 3 * how.c[i]).epsilon(1e-14));
      CHECK(call->stage == static_cast<int>(i));
      const double eps = 1 + static_cast<double>(i * i);
      wanted += -3 * how.b[i++] * eps;
      s.feed(std::vector<double>{eps});
    }
    CHECK(i == how.needed());
    CHECK(x[0] == Approx(wanted).epsilon(1e-13));
  }
}

TEST_CASE("a stage is asked on the state that its row makes") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{5, 2});
  std::vector<double> x{1};
  sampler<double> s(rk{.how = tableau::kutta3()}, levels, eps_model{}, x);
  CHECK(s.next()->x[0] == 1);
  s.feed(std::vector<double>{2});
  CHECK(s.next()->x[0] == Approx(1 - 3 * 0.5 * 2).epsilon(1e-14));
  s.feed(std::vector<double>{7});
  CHECK(s.next()->x[0] == Approx(1 - 3 * (-1. * 2 + 2 * 7)).epsilon(1e-14));
}

TEST_CASE("y' = y is solved as the series that the tableau stands for") {
  // eps = x on the VE path: one step of length h multiplies by 1 + h + h^2/2 + ... + h^p/p!, for p stages of order p.
  const double h = -0.75;
  const grid levels = from_sigmas(ve{}, std::vector<double>{2, 2 + h});
  const struct {
    tableau how;
    double factor;
  } cases[] = {{tableau::midpoint(), 1 + h + h * h / 2}, {tableau::houwen3(), 1 + h + h * h / 2 + h * h * h / 6},
               {tableau::heun3(), 1 + h + h * h / 2 + h * h * h / 6}, {tableau::ralston3(), 1 + h + h * h / 2 + h * h * h / 6},
               {tableau::kutta4(), 1 + h + h * h / 2 + h * h * h / 6 + h * h * h * h / 24}};
  for (const auto& c : cases) {
    std::vector<double> x{3};
    sampler<double> s(rk{.how = c.how}, levels, eps_model{}, x);
    while (const auto call = s.next()) s.feed(std::vector<double>(call->x.begin(), call->x.end()));
    CHECK(x[0] == Approx(3 * c.factor).epsilon(1e-14));
  }
}

TEST_CASE("a step to sigma = 0 is an Euler step if a stage lies there, and a whole one if none does") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{2, 1, 0});
  CHECK(probe(rk{}, levels, x0_model{}).calls() == 5);
  CHECK(probe(rk{}, levels, x0_model{}).state[2] == row{0, 0, 0, 0, 0, 1});
  CHECK(probe(rk{.how = tableau::ralston3()}, levels, eps_model{}).calls() == 6);
  CHECK(probe(rk{.how = tableau::bogacki_shampine(), .estimate = true}, levels, eps_model{}).calls() == 5);
}

TEST_CASE("from alpha = 0 it is an Euler step along rho, and whole along time") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.5});
  CHECK(probe(rk{}, levels, v_model{}).calls() == 1);
  CHECK(probe(rk{.along = axis::time}, levels, flow_model{}).calls() == 4);
}

TEST_CASE("the estimate costs evaluations only where it is asked for") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{4, 2, 1});
  CHECK(probe(rk{.how = tableau::bogacki_shampine()}, levels, eps_model{}).calls() == 6);
  CHECK(probe(rk{.how = tableau::bogacki_shampine(), .estimate = true}, levels, eps_model{}).calls() == 8);
  CHECK(probe(rk{.how = tableau::dormand_prince()}, levels, eps_model{}).calls() == 12);
  CHECK(probe(rk{.how = tableau::cash_karp(), .estimate = true}, levels, eps_model{}).calls() == 12);
}

namespace {

/// The estimate of a method in place of its result.
struct estimate_of {
  rk inner;
  static constexpr const char* name = "estimate_of";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }
  static fault check() { return {}; }
  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = inner.step(r, s, t);
    return r.estimate == value::none ? x : r.sum({{r.estimate, 1}});
  }
};

}  // namespace

TEST_CASE("the estimate is the result with the second weights") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{4, 1});
  const tableau how = tableau::dormand_prince();
  const row low = probe(estimate_of{rk{.how = how, .estimate = true}}, levels, eps_model{}).state[1];
  REQUIRE(low.size() == 8);
  for (std::size_t i = 0; i < 7; ++i) CHECK(low[1 + i] == Approx(-3 * how.low[i]).epsilon(0).margin(1e-14));
  CHECK(probe(estimate_of{rk{.how = how}}, levels, eps_model{}).state[1] == probe(rk{.how = how}, levels, eps_model{}).state[1]);
  const row euler_step = probe(estimate_of{rk{.how = tableau::heun2()}}, levels, eps_model{}).state[1];
  CHECK(euler_step[1] == Approx(-3).epsilon(1e-15));
}

TEST_CASE("a tableau of one's own is used as it is, and refused if it is wrong") {
  const tableau third{.c = {0, 2. / 3}, .a = {2. / 3}, .b = {0.25, 0.75}, .order = 2};
  const grid levels = from_sigmas(ve{}, std::vector<double>{4, 1});
  const row x = probe(rk{.how = third}, levels, eps_model{}).state[1];
  CHECK(x[1] == Approx(-0.75).epsilon(1e-14));
  CHECK(x[2] == Approx(-2.25).epsilon(1e-14));
  CHECK(rk{.how = {.c = {0, 1}, .a = {0.5}, .b = {0.5, 0.5}}}.check()->what() ==
        std::string("rk: row 1 of the tableau sums to 0.5, needs its node c = 1"));
}
