// SPDX-License-Identifier: MIT
#include "diffode/method/er_sde.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

template <class F>
probe of(const er_sde<F>& how, const grid& levels) {
  return probe(how, levels, x0_model{});
}

void check_same(const probe& a, const probe& b, std::size_t entries) {
  REQUIRE(a.state.size() == b.state.size());
  for (std::size_t i = 0; i < a.state.size(); ++i)
    for (std::size_t j = 0; j < entries; ++j) CHECK(a.state[i][j] == Approx(b.state[i][j]).epsilon(1e-12).margin(1e-12));
}

double stretched(double y) { return y * (std::exp(std::pow(y, 0.3)) + 10); }

}  // namespace

TEST_CASE("f(y) = y^(1 + tau^2) with p = 1 is SDE-DPM-Solver++, and eta is its eta for f(y) = y^2") {
  std::mt19937 draw(1);
  for (int k = 0; k < 40; ++k) {
    const grid levels = random_grid(draw, 4);
    for (const double eta : {0.3, 1.0}) {
      const probe other(sde_dpmpp{.p = 1, .eta = eta}, levels, x0_model{});
      check_same(of(er_sde<er_power>{.p = 1, .eta = eta}, levels), other, other.state[0].size());
      check_same(of(er_sde<er_power>{.p = 1, .f = {1 + eta}}, levels), other, other.state[0].size());
    }
  }
}

TEST_CASE("f(y) = y, and any f with eta = 0, is the probability flow without noise") {
  std::mt19937 draw(2);
  for (int k = 0; k < 40; ++k) {
    const grid levels = random_grid(draw, 5);
    const probe flow = of(er_sde<er_power>{.f = {1}}, levels), none = of(er_sde<>{.eta = 0}, levels), saturating = of(er_sde<er_saturating>{.eta = 0}, levels);
    CHECK(flow.made.noises() == 0);
    CHECK(none.made.noises() == 0);
    CHECK(none.state == flow.state);
    CHECK(saturating.state == flow.state);
    check_same(of(er_sde<>{.p = 1, .eta = 0}, levels), probe(ddim{}, levels, x0_model{}), flow.state[0].size());
  }
}

TEST_CASE("a step is that of the paper") {
  std::mt19937 draw(3);
  for (int k = 0; k < 100; ++k) {
    const grid levels = random_grid(draw, 3);
    const level<>&s = levels[2], &t = levels[3];
    const double ys = rho(s), yt = rho(t), r = stretched(yt) / stretched(ys), y1 = rho(levels[1]), y2 = rho(levels[0]);
    const step_row exact = step_of(of(er_sde<>{}, levels), 2);
    CHECK(exact.a == Approx(t.alpha / s.alpha * r).epsilon(1e-12));
    CHECK(exact.c == Approx(t.alpha * std::sqrt(yt * yt - ys * ys * r * r)).epsilon(1e-10));
    CHECK(exact.b[0] + exact.b[1] + exact.b[2] == Approx(t.alpha * (1 - r)).epsilon(1e-11));
    // Published: slopes m' and m'' = 2 (m' - m'_before)/(y_s - y_2), weighed by left sums of 200.
    const double width = (ys - yt) / 200;
    double s1 = 0, s2 = 0;
    for (int i = 0; i < 200; ++i) {
      const double y = yt + i * width;
      s1 += width / stretched(y);
      s2 += width * (y - ys) / stretched(y);
    }
    const double on1 = yt - ys + s1 * stretched(yt), on2 = 2 * ((yt - ys) * (yt - ys) / 2 + s2 * stretched(yt)) / (ys - y2);
    const double w1 = -(on1 + on2) / (ys - y1) - on2 / (y1 - y2), w2 = on2 / (y1 - y2), w0 = (1 - r) + (on1 + on2) / (ys - y1);
    const step_row legacy = step_of(of(er_sde<>{.weights = curvature::published, .samples = 200}, levels), 2);
    const double wanted[] = {w0, w1, w2};
    for (std::size_t j = 0; j < 3; ++j) CHECK(std::abs(legacy.b[j] - t.alpha * wanted[j]) <= 1e-11 * (1 + legacy.scale + std::abs(t.alpha * w1)));
  }
}

TEST_CASE("exact weights integrate 1, y and y^2 exactly; published ones miss the last") {
  const grid levels = golden_grid();
  const level<>&s = levels[2], &t = levels[3];
  const auto I = extended_moments(er_stretched{}, 1, s, t);
  const double d1 = rho(s) - rho(levels[1]), d2 = rho(s) - rho(levels[0]);
  for (const curvature c : {curvature::exact, curvature::published}) {
    const row b = step_of(of(er_sde<>{.weights = c}, levels), 2).b;
    CHECK(b[0] + b[1] + b[2] == Approx(I[0]).epsilon(1e-13));
    CHECK(-d1 * b[1] - d2 * b[2] == Approx(I[1]).epsilon(1e-12));
    const double square = d1 * d1 * b[1] + d2 * d2 * b[2];
    if (c == curvature::exact) CHECK(square == Approx(I[2]).epsilon(1e-12));
    else CHECK(square == Approx(I[2] - d1 * I[1]).epsilon(1e-12));
  }
}

TEST_CASE("the variance of the noise is kept, and s_noise scales what is drawn") {
  std::mt19937 draw(4);
  for (int k = 0; k < 500; ++k) {
    const grid levels = random_grid(draw, 1);
    for (const double eta : {0.2, 1.0}) {
      const step_row one = step_of(of(er_sde<>{.eta = eta}, levels), 0), two = step_of(of(er_sde<>{.eta = eta, .s_noise = 2}, levels), 0);
      const double sigma = levels[1].sigma;
      CHECK(std::abs(std::pow(one.a * levels[0].sigma, 2) + one.c * one.c - sigma * sigma) <= 1e-13 * sigma * sigma);
      CHECK(two.c == 2 * one.c);
    }
  }
}

TEST_CASE("from alpha = 0 to sigma = 0") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.6, 0.3, 0});
  const probe p = of(er_sde<>{}, levels);
  CHECK(p.state[1] == row{0, 0.4, 0, 0, 0.6, 0});
  CHECK(p.state[3] == row{0, 0, 0, 1, 0, 0});
  // f(y)/y = e^(-1/y) + 10 is bounded: some of the noise stays.
  const probe q = of(er_sde<er_saturating>{}, levels);
  const double kept = (std::exp(-1 / 1.5) + 10) / 11;
  CHECK(q.state[1][0] == Approx(0.6 * kept).epsilon(1e-14));
  CHECK(q.state[1][4] == Approx(0.6 * std::sqrt(1 - kept * kept)).epsilon(1e-13));
  CHECK(q.state[3] == row{0, 0, 0, 1, 0, 0});
}

TEST_CASE("er_sde refuses what it can not do, with the reason") {
  const auto why = [](const auto& how) { return std::string(how.check()->what()); };
  CHECK_FALSE(er_sde<>{}.check());
  CHECK(why(er_sde<>{.p = 0}) == "er_sde: order p is 0, needs 1 to 3");
  CHECK(why(er_sde<>{.eta = -1}) == "er_sde: eta is -1, needs a number from 0 to 1000000");
  CHECK(why(er_sde<>{.samples = -1}) == "er_sde: samples is -1, needs 0 or more");
  CHECK(why(er_sde<>{.s_noise = -1}) == "er_sde: s_noise is -1, needs a number from 0 to 1000000");
  CHECK(why(er_sde<er_power>{.f = {0.5}}) == "er_power: power is 0.5, needs a number from 1 to 1000000");
  CHECK(why(er_sde<>{.ends = ramp::given({4})}) == "er_sde: ramp.orders[0] is 4, needs 1 to 3");
  const std::string falls = "er_sde: f(y)/y rises on this step, y = sigma/alpha, needs to fall or stay: the step goes towards noise, or f is not a noise function here";
  CHECK(try_compile(er_sde<>{}, reversed(at_lambdas({-1, 0})), x0_model{}).reason()->what() == falls);
  CHECK(try_compile(er_sde<er_logarithm>{}, at_lambdas({-9, -8}), x0_model{}).reason()->what() == falls);
  CHECK(static_cast<bool>(try_compile(er_sde<er_logarithm>{}, at_lambdas({-6, -5}), x0_model{})));
  CHECK(er_sde<>{}.order() == 3);
  CHECK(er_sde<>{.weights = curvature::published}.order() == 2);
  CHECK(er_sde<>{.samples = 200}.order() == 1);
}
