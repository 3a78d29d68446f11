// SPDX-License-Identifier: MIT
#include "diffode/method/res_multistep.hpp"

#include "catch.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/sde_dpmpp.hpp"
#include "method/drift.hpp"
#include "method/law.hpp"

#include <string>

using namespace diffode_test;

namespace {

double far_apart(const row& a, const row& b) {
  REQUIRE(a.size() == b.size());
  double off = 0;
  for (std::size_t k = 0; k < a.size(); ++k) off = std::fmax(off, std::abs(a[k] - b[k]));
  return off;
}

double size_of(const row& a) {
  double size = 1;
  for (const double v : a) size += std::abs(v);
  return size;
}

/// A whole run in ComfyUI's words, for alpha = 1: down and up from noise level to noise level, -log sigma as the variable,
/// and c2 as the ratio of the steps. One row of coefficients: the start, evaluations, draws.
row textbook(const grid& levels, double eta) {
  const std::size_t n = levels.steps();
  row x(1 + 2 * n);
  x[0] = 1;
  double old_down = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double s = levels[i].sigma, t = levels[i + 1].sigma;
    const double up = std::fmin(t, eta * std::sqrt(t * t * (s * s - t * t) / (s * s))), down = std::sqrt(t * t - up * up);
    const double h = std::log(s / down), phi1 = -std::expm1(-h) / h, phi2 = (1 - phi1) / h;
    double b1 = phi1, b2 = 0;
    if (i > 0) {
      const double c2 = -std::log(levels[i - 1].sigma / old_down) / h;
      b1 = phi1 - phi2 / c2;
      b2 = phi2 / c2;
    }
    for (double& v : x) v *= std::exp(-h);
    x[1 + i] += h * b1;
    if (i > 0) x[i] += h * b2;
    x[1 + n + i] += up;
    old_down = down;
  }
  return x;
}

}  // namespace

TEST_CASE("without noise it is DPM-Solver++(2M) with exact slopes") {
  std::mt19937 draw(91);
  for (int k = 0; k < 100; ++k) {
    const grid levels = random_grid(draw, 4);
    CHECK(probe(res_multistep{}, levels, x0_model{}).state == probe(dpmpp_2m{.form = slope::heun}, levels, x0_model{}).state);
  }
}

TEST_CASE("with all of it it is SDE-DPM-Solver++(2M) with exact slopes, on every path") {
  std::mt19937 draw(92);
  for (int k = 0; k < 200; ++k) {
    const grid levels = random_grid(draw, 4);
    const row wanted = probe(sde_dpmpp{.form = slope::heun}, levels, x0_model{}).state[4];
    // The level below is found from lambda and the way back from its alpha: roundings of the size of lambda.
    CHECK(far_apart(probe(res_multistep{.eta = 1}, levels, x0_model{}).state[4], wanted) <= 1e-12 * size_of(wanted));
  }
}

TEST_CASE("where alpha = 1 it is the references' method for every eta") {
  std::mt19937 draw(93);
  std::uniform_real_distribution<double> share(0, 1), length(0.1, 1.2);
  for (int k = 0; k < 300; ++k) {
    std::vector<double> lambdas{-3};
    for (int i = 0; i < 5; ++i) lambdas.push_back(lambdas.back() + length(draw));
    const grid levels = at_lambdas(lambdas);
    const double eta = 0.01 + 0.98 * share(draw);
    const row wanted = textbook(levels, eta);
    // phi_2 as written there loses a digit at the shortest steps.
    CHECK(far_apart(probe(res_multistep{.eta = eta}, levels, x0_model{}).state[5], wanted) <= 1e-12 * size_of(wanted));
  }
}

TEST_CASE("the drift has order 2 and the variance on normal data too, on every path") {
  struct {
    noise_path path;
    double noisy, clean;
  } const runs[] = {{vp_linear{}, 0.8, 0.02}, {ve{}, 20, 0.05}, {flow{}, 0.95, 0.05}};
  for (const auto& on : runs)
    for (const double eta : {0.5, 1.})
      CHECK(order_in_law(res_multistep{.eta = eta}, on.path, on.noisy, on.clean, 160) == Approx(2).margin(0.15));
  CHECK(drift_order(res_multistep{.eta = 1}, 1, vp_linear{}, 0.6, 0.05) == Approx(2).margin(0.15));
  CHECK(drift_order(res_multistep{.eta = 1}, 1, ve{}, 5, 0.1) == Approx(2).margin(0.15));
}

TEST_CASE("noise keeps its variance, and its scale is that of the option") {
  std::mt19937 draw(94);
  std::uniform_real_distribution<double> share(0, 1);
  for (int k = 0; k < 300; ++k) {
    const grid levels = random_grid(draw, 1);
    const double eta = 0.01 + 0.99 * share(draw);
    const row x = probe(res_multistep{.eta = eta}, levels, x0_model{}).state[1], twice = probe(res_multistep{.eta = eta, .s_noise = 2}, levels, x0_model{}).state[1];
    const double t = levels[1].sigma;
    CHECK(std::abs(std::pow(x[0] * levels[0].sigma, 2) + x[2] * x[2] - t * t) <= 1e-12 * t * t);
    CHECK(twice[2] == Approx(2 * x[2]).epsilon(1e-14));
  }
}

TEST_CASE("a step to sigma = 0 draws nothing; from alpha = 0 all noise may be new") {
  const probe p(res_multistep{.eta = 1}, from_times(flow{}, std::vector<double>{1, 0.5, 0}), x0_model{});
  CHECK(p.made.noises() == 1);
  CHECK(p.state[1] == row{0, 0.5, 0, 0.5});
  CHECK(p.state[2] == row{0, 0, 1, 0});
}

TEST_CASE("res_multistep: options that make no sense are refused") {
  const auto refusal = [](const res_multistep& how) { return std::string(how.check()->what()); };
  CHECK_FALSE(res_multistep{.eta = 1}.check());
  CHECK(refusal({.eta = 1.5}) == "res_multistep: eta is 1.5, needs a number from 0 to 1");
  CHECK(refusal({.s_noise = -1}) == "res_multistep: s_noise is -1, needs a number from 0 to 1000000");
  CHECK(refusal({.ends = ramp::given({3})}) == "res_multistep: ramp.orders[0] is 3, needs 1 to 2");
  const auto back = try_compile(res_multistep{.eta = 1}, at_lambdas({1, 0}), x0_model{});
  REQUIRE_FALSE(static_cast<bool>(back));
  CHECK(std::string(back.reason()->what()).find("res_multistep: eta is 1 on a step towards noise, needs 0") == 0);
}
