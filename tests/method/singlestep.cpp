// SPDX-License-Identifier: MIT
#include "diffode/method/singlestep.hpp"

#include "catch.hpp"
#include "diffode/grid/budget.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/ancestral.hpp"
#include "diffode/method/ddim.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// One step of h = 0.5 on a VE path, where G is 1 for data and -sigma for noise.
struct one_step {
  grid levels = at_lambdas({0, 0.5});
  prediction form;
  probe run;

  one_step(const singlestep& how, prediction target)
      : form(target), run(target == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{})) {}

  /// The weight of evaluation k in the step.
  double w(std::size_t k) const { return run.state[1][1 + k] / (form == prediction::x0 ? 1 : -levels[1].sigma); }
};

void check(double got, double wanted) { CHECK(got == Approx(wanted).epsilon(1e-13).margin(1e-16)); }

double far_apart(const row& a, const row& b) {
  REQUIRE(a.size() == b.size());
  double off = 0;
  for (std::size_t k = 0; k < a.size(); ++k) off = std::fmax(off, std::abs(a[k] - b[k]));
  return off;
}

}  // namespace

TEST_CASE("weights of the second stage of order 3 are those of the papers") {
  for (const slope form : {slope::midpoint, slope::heun}) {
    // On a VE path the weights follow from h alone; the stage's own way is 2/3 of it.
    const exponential_step<double> data = exponential(prediction::x0, ve{}.at_lambda(0), ve{}.at_lambda(1. / 3)),
                                   noise = exponential(prediction::eps, ve{}.at_lambda(0), ve{}.at_lambda(1. / 3));
    check(second_stage_weights(data, 2.)[0], -0.01571917401652473);
    check(second_stage_weights(data, 2.)[1], 0.2991878634427355);
    check(second_stage_weights(noise, 2.)[0], 0.02193787456955243);
    check(second_stage_weights(noise, 2.)[1], 0.3736745505165371);
    CHECK(singlestep{.p = 3, .form = form}.order() == 3);
  }
}

TEST_CASE("weights of a step of order 3 are those of the papers") {
  const one_step mid({.p = 3}, prediction::x0), mid_noise({.p = 3, .target = prediction::eps}, prediction::eps);
  check(mid.w(0), 0.07387736114946614);
  check(mid.w(1), 0);
  check(mid.w(2), 0.3195919791379003);
  check(mid_noise.w(0), 0.2025574585997437);
  check(mid_noise.w(2), 0.4461638121003844);
  const one_step heun_form({.p = 3, .form = slope::heun}, prediction::x0);
  check(heun_form.w(0), 0.09958965321886254);
  check(heun_form.w(1), -0.05142458413879269);
  check(heun_form.w(2), 0.3453042712072966);
  const one_step heun_noise({.p = 3, .form = slope::heun, .target = prediction::eps}, prediction::eps);
  check(heun_noise.w(0), 0.1641955796035881);
  check(heun_noise.w(1), 0.0767237579923111);
  check(heun_noise.w(2), 0.4078019331042289);
}

TEST_CASE("weights of a step of order 2 are g_1/(2 r) and g_2/r") {
  for (const prediction target : {prediction::x0, prediction::eps}) {
    const std::vector<double> g = g_of(target, 0.5);
    const one_step mid({.target = target}, target), heun_form({.form = slope::heun, .target = target, .r1 = {0.7}}, target);
    check(mid.w(0), 0);
    check(mid.w(1), g[1]);
    check(heun_form.w(0), g[1] - g[2] / 0.7);
    check(heun_form.w(1), g[2] / 0.7);
  }
}

TEST_CASE("moments of the weights: sum w = g_1, sum w c = g_2, sum w c^2 = 2 g_3 where the form says so") {
  std::mt19937 draw(41);
  std::uniform_real_distribution<double> share(0.1, 0.9);
  for (int k = 0; k < 1000; ++k) {
    const grid levels = random_grid(draw, 1);
    double c1 = share(draw), c2 = share(draw);
    if (c1 > c2) std::swap(c1, c2);
    if (c2 - c1 < 0.05) continue;
    const exponential_step<double> e = exponential(k % 2 ? prediction::x0 : prediction::eps, levels[0], levels[1]);
    const auto two = two_stage_weights(e, slope::heun, c1), mid = three_stage_weights(e, slope::midpoint, c1, c2), three = three_stage_weights(e, slope::heun, c1, c2);
    // Divided differences: some roundings over the nodes' distances.
    const double allowed = 1e-14 * e.g[1] / (c1 * (c2 - c1));
    CHECK(std::abs(two[0] + two[1] - e.g[1]) <= allowed);
    CHECK(std::abs(two[1] * c1 - e.g[2]) <= allowed);
    CHECK(std::abs(mid[2] * c2 - e.g[2]) <= allowed);
    CHECK(std::abs(three[0] + three[1] + three[2] - e.g[1]) <= allowed);
    CHECK(std::abs(three[1] * c1 + three[2] * c2 - e.g[2]) <= allowed);
    CHECK(std::abs(three[1] * c1 * c1 + three[2] * c2 * c2 - 2 * e.g[3]) <= allowed);
  }
}

TEST_CASE("order 1 is ddim, and so is any order to sigma = 0 and from alpha = 0") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.6, 0.3, 0});
  const probe one(singlestep{.p = 1}, levels, x0_model{}), plain(ddim{}, levels, x0_model{});
  CHECK(far_apart(one.state[3], plain.state[3]) <= 1e-15);
  const probe three(singlestep{.p = 3}, levels, x0_model{});
  CHECK(three.calls() == 1 + 3 + 1);
  CHECK(three.state[1][0] == Approx(0.6).epsilon(1e-15));
  CHECK(three.state[1][1] == Approx(0.4).epsilon(1e-15));
  CHECK(three.state[3] == row{0, 0, 0, 0, 0, 1});
}

TEST_CASE("stages lie where the ratios say, step by step, and one at the end of the step is the grid's own level") {
  const grid levels = at_lambdas({0, 1, 3, 7});
  const singlestep how{.p = 3, .r1 = {0.1, 0.2}, .r2 = {0.5, 0.6, 1}};
  const plan made = compile(how, levels, x0_model{});
  const double wanted[] = {0, 0.1, 0.5, 1, 1.4, 2.2, 3, 3.8, 7};
  REQUIRE(made.calls() == 9);
  for (int k = 0; k < 9; ++k) CHECK(made.call(k).at.lambda == Approx(wanted[k]).margin(1e-14));
  grid labelled = at_lambdas({0, 1});
  CHECK(compile(singlestep{.r1 = {1}}, labelled, x0_model{}).call(1).at.label == labelled[1].label);
}

TEST_CASE("ratios are those of the step's order unless they are given") {
  const grid levels = at_lambdas({0, 1, 2, 3});
  const plan made = compile(singlestep{.p = 3, .ends = ramp::given({3, 2, 1})}, levels, x0_model{});
  const double wanted[] = {0, 1. / 3, 2. / 3, 1, 1.5, 2};
  REQUIRE(made.calls() == 6);
  for (int k = 0; k < 6; ++k) CHECK(made.call(k).at.lambda == Approx(wanted[k]).margin(1e-14));
}

TEST_CASE("a plan of DPM-Solver-fast has exactly the evaluations asked for, and so has a fixed one as many as fit") {
  for (int order = 1; order <= 3; ++order)
    for (int n = 1; n <= 40; ++n) {
      const auto calls = [&](const std::vector<int>& orders) {
        const grid levels = uniform_lambda(ve{}, {.from = 20, .to = 0.05, .count = static_cast<int>(orders.size())});
        return compile(singlestep{.p = order, .ends = ramp::given(orders)}, levels, x0_model{}).calls();
      };
      CHECK(calls(singlestep_orders(n, order)) == n);
      if (n >= order) CHECK(calls(singlestep_fixed_orders(n, order)) == n - n % order);
    }
}

namespace {

/// Hands on the estimate of the method inside as if it were the result.
template <class M>
struct estimate_of {
  M inner;
  prediction target = inner.target;
  static constexpr const char* name = "estimate_of";
  constexpr int keep() const { return inner.keep(); }
  constexpr int order() const { return inner.order(); }
  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value high = inner.step(r, s, t);
    return r.estimate == value::none ? high : r.estimate;
  }
  fault check() const { return inner.check(); }
};

}  // namespace

TEST_CASE("the estimate is the solution of one order less from the same evaluations") {
  const grid levels = at_lambdas({-1, 0.2, 0.9}, vp_linear{});
  for (const slope form : {slope::midpoint, slope::heun}) {
    const probe low(estimate_of<singlestep>{{.form = form}}, levels, x0_model{}), first(ddim{}, levels, x0_model{});
    CHECK(low.state[2][0] == Approx(first.state[2][0]).epsilon(1e-14));
    const probe third(estimate_of<singlestep>{{.p = 3, .form = form}}, at_lambdas({0, 0.5}), x0_model{});
    const probe second(singlestep{.form = form, .r1 = {1. / 3}}, at_lambdas({0, 0.5}), x0_model{});
    for (std::size_t k = 0; k < 3; ++k) CHECK(third.state[1][k] == Approx(second.state[1][k]).epsilon(1e-14));
  }
}

TEST_CASE("with eta = 0 the ancestral 2S is the 2S") {
  const grid levels = at_lambdas({-1, 0.2, 0.9}, vp_linear{});
  CHECK(probe(ancestral<singlestep>{.eta = 0}, levels, x0_model{}).state == probe(singlestep{}, levels, x0_model{}).state);
}

TEST_CASE("order 3 is claimed where r2 is 2/3 only") {
  CHECK(singlestep{.p = 3, .r2 = {2. / 3}}.order() == 3);
  CHECK(singlestep{.p = 3, .r2 = {0.5}}.order() == 2);
  CHECK(singlestep{.p = 3, .r2 = {0.7, 0.66}}.order() == 3);  // steps of an inner grid
  CHECK(singlestep{.r2 = {0.5}}.order() == 2);
}

TEST_CASE("singlestep: options that make no sense are refused") {
  const auto refusal = [](const singlestep& how) { return std::string(how.check()->what()); };
  CHECK_FALSE(singlestep{.p = 3, .r1 = {0.2}, .r2 = {0.5}}.check());
  CHECK(refusal({.p = 4}) == "singlestep: order p is 4, needs 1 to 3");
  CHECK(refusal({.r1 = {0.5, 0}}) == "singlestep: a ratio of r1 is 0, needs a number from 0.0001 to 1");
  CHECK(refusal({.r2 = {1.5}}) == "singlestep: a ratio of r2 is 1.5, needs a number from 0.0001 to 1");
  CHECK(refusal({.p = 3, .r1 = {0.5}, .r2 = {0.6, 0.5}}) == "singlestep: r1 is 0.5 where r2 is 0.5, needs r1 below r2 by 0.0001 or more");
  CHECK(refusal({.ends = ramp::given({3})}) == "singlestep: ramp.orders[0] is 3, needs 1 to 2");
}
