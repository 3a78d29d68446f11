// SPDX-License-Identifier: MIT
#include "diffode/method/churn.hpp"

#include "catch.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/heun.hpp"
#include "method/law.hpp"

#include <limits>
#include <string>

using namespace diffode_test;

namespace {

/// Karras et al. 2022, Algorithm 2, one step in y = x/alpha over rho, in its own words: coefficients of y, m0, m1, z.
row textbook(double s, double t, double gamma, double s_noise) {
  const double hat = s + gamma * s, lift = std::sqrt(hat * hat - s * s) * s_noise;
  const row y{1, 0, 0, lift};
  row d(4), y1(4), end(4);
  for (std::size_t k = 0; k < 4; ++k) d[k] = (y[k] - (k == 1)) / hat;
  for (std::size_t k = 0; k < 4; ++k) y1[k] = y[k] + (t - hat) * d[k];
  for (std::size_t k = 0; k < 4; ++k) end[k] = y[k] + (t - hat) * (d[k] / 2 + (y1[k] - (k == 2)) / t / 2);
  return end;
}

}  // namespace

TEST_CASE("a step is Algorithm 2 of its paper, in every frame") {
  std::mt19937 draw(41);
  std::uniform_real_distribution<double> strength(0.01, 0.6), factor(0.9, 1.1);
  for (int k = 0; k < 1500; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const double amount = strength(draw), s_noise = factor(draw), gamma = std::fmin(amount, std::sqrt(2) - 1);
    const row x = probe(churn<heun>{.s_churn = amount, .s_noise = s_noise}, levels, x0_model{}).state[1], wanted = textbook(rho(s), rho(t), gamma, s_noise);
    double size = 0;
    for (const double c : wanted) size += std::abs(c);
    CHECK(std::abs(x[0] - t.alpha / s.alpha * wanted[0]) <= 1e-13 * t.alpha / s.alpha * size);
    // The lifted level is found from its lambda, whose rounding the difference of squares magnifies by 1/gamma.
    for (std::size_t i = 1; i < 4; ++i) CHECK(std::abs(x[i] - t.alpha * wanted[i]) <= 1e-12 * t.alpha * size);
  }
}

TEST_CASE("s_churn is shared out among the steps, or among as many as are named, up to sqrt(2) - 1 each") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{8, 4, 2, 1, 0.5});
  const auto first_level = [&](const churn<heun>& how) { return compile(how, levels, x0_model{}).call(0).at.sigma; };
  CHECK(first_level({.s_churn = 1}) == Approx(8 * 1.25).epsilon(1e-14));
  CHECK(first_level({.s_churn = 1, .steps = 10}) == Approx(8 * 1.1).epsilon(1e-14));
  CHECK(first_level({.s_churn = 40}) == Approx(8 * std::sqrt(2)).epsilon(1e-14));
}

TEST_CASE("noise is added between s_min and s_max only, both included, and drawn in every step") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{8, 4, 2, 1, 0.5});
  const plan p = compile(churn<euler>{.s_churn = 0.4, .s_min = levels[2].sigma, .s_max = levels[1].sigma}, levels, x0_model{});
  CHECK(p.noises() == 4);
  CHECK(p.call(0).at.sigma == levels[0].sigma);
  CHECK(p.call(1).at.sigma == Approx(4 * 1.1).epsilon(1e-14));
  CHECK(p.call(2).at.sigma == Approx(2 * 1.1).epsilon(1e-14));
  CHECK(p.call(3).at.sigma == levels[3].sigma);
  for (const noise_interval& n : p.noise_intervals()) CHECK(n.independent());
}

TEST_CASE("the model is asked at the raised level, with the noise of that level") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{3, 1});
  const std::vector<double> z{2};
  std::vector<double> x{5};
  sampler<double, recorded_noise<double>> s(churn<euler>{.s_churn = 0.25, .s_noise = 1.5}, levels, x0_model{}, x, {}, recorded_noise<double>{z, 1});
  const auto call = s.next();
  CHECK(call->at.sigma == Approx(3.75).epsilon(1e-14));
  CHECK(call->label == Approx(3.75).epsilon(1e-14));
  CHECK(call->x[0] == Approx(5 + std::sqrt(3.75 * 3.75 - 9) * 1.5 * 2).epsilon(1e-13));
}

TEST_CASE("s_churn = 0 is the method inside, to the last bit, and draws nothing") {
  std::mt19937 draw(42);
  const grid levels = random_grid(draw, 5);
  const plan none = compile(churn<heun>{.s_churn = 0}, levels, v_model{});
  CHECK(none.fingerprint() == compile(heun{}, levels, v_model{}).fingerprint());
  CHECK_FALSE(none.uses_noise());
}

TEST_CASE("no noise is added to pure noise, nor to clean data") {
  const probe noisy(churn<heun>{}, from_times(flow{}, std::vector<double>{1, 0.6}), x0_model{}), plain(heun{}, from_times(flow{}, std::vector<double>{1, 0.6}), x0_model{});
  CHECK(noisy.state[1][0] == plain.state[1][0]);
  CHECK(noisy.state[1][1] == plain.state[1][1]);
  CHECK(noisy.state[1][2] == 0);
  CHECK(compile(churn<ddim>{}, from_times(flow{}, std::vector<double>{0, 0.3}), eps_model{}).call(0).at.sigma == 0);
}

TEST_CASE("churn: the law of a run has the order of the method inside") {
  // s_churn = 5 stays below the limit of sqrt(2) - 1 a step from 13 steps on. Slopes' own errors fall like 1/n.
  const noise_path paths[] = {vp_linear{}, edm{}, flow{}};
  const double noisy[] = {0.8, 20, 0.95}, clean[] = {0.02, 0.05, 0.05};
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(order_in_law(churn<euler>{.s_churn = 5}, paths[k], noisy[k], clean[k], 80) == Approx(1).margin(0.1));
    CHECK(order_in_law(churn<heun>{.s_churn = 5}, paths[k], noisy[k], clean[k], 80) == Approx(2).margin(0.1));
  }
}

TEST_CASE("with lanes each gets noise where its own level says so") {
  const std::vector<grid> grids{from_sigmas(ve{}, std::vector<double>{12, 3, 1}), from_sigmas(ve{}, std::vector<double>{9, 2, 0.1})};
  const churn<heun> how{.s_churn = 0.5, .s_min = 2.5, .s_max = 10};
  const plan both = compile(how, fixed<lanes>(grids, {.stride = 1, .count = 2}), x0_model{});
  for (std::size_t l = 0; l < 2; ++l) {
    const plan one = compile(how, grids[l], x0_model{});
    REQUIRE(both.calls() == one.calls());
    for (int k = 0; k < one.calls(); ++k) {
      CHECK(both.levels(k)[l].sigma == one.call(k).at.sigma);
      CHECK(both.levels(k)[l].label == one.call(k).at.label);
    }
  }
}

TEST_CASE("churn: wrong options are refused") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_FALSE(churn<heun>{}.check());
  CHECK(churn<heun>{.s_churn = -1}.check()->what() == std::string("churn: s_churn is -1, needs a finite number not below 0"));
  CHECK(churn<heun>{.s_churn = infinity}.check()->what() == std::string("churn: s_churn is inf, needs a finite number not below 0"));
  CHECK(churn<heun>{.s_noise = -1}.check()->what() == std::string("churn: s_noise is -1, needs a finite number not below 0"));
  CHECK(churn<heun>{.s_min = 2, .s_max = 1}.check()->what() == std::string("churn: s_min is 2, needs a number not above s_max, 1"));
  CHECK(churn<heun>{.steps = -1}.check()->what() == std::string("churn: steps is -1, needs the number of steps that s_churn is for, or 0"));
  CHECK(churn<dpmpp_2m>{}.check()->what() == std::string("churn: dpmpp_2m remembers 1 evaluations, needs a method that remembers none"));
  CHECK(churn<heun>{.target = prediction::eps}.check()->what() == std::string("churn: target is not that of heun, needs the same"));
}
