// SPDX-License-Identifier: MIT
#include "diffode/method/ddim.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <limits>
#include <string>

using namespace diffode_test;

namespace {

/// x_t = a*x_s + b*m + c*z of one step, for a model that returns x0 or eps.
struct one_step {
  double a, b, c;
};
template <class Form>
one_step step_between(const ddim& how, const grid& levels, const Form& form) {
  const probe p(how, levels, form);
  return {p.state[1][0], p.state[1][1], p.made.uses_noise() ? p.state[1][2] : 0};
}

}  // namespace

TEST_CASE("a step is the closed form of its paper for any eta, in data and in noise") {
  std::mt19937 draw(8);
  std::uniform_real_distribution<double> share(0, 1);
  for (int k = 0; k < 3000; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const double eta = k % 5 == 0 ? 0 : k % 5 == 1 ? 1 : share(draw);
    const one_step data = step_between({.eta = eta}, levels, x0_model{}), noise = step_between({.eta = eta}, levels, eps_model{});
    const double c = eta * t.sigma * std::sqrt(-std::expm1(-2 * (t.lambda - s.lambda))), q = std::sqrt(t.sigma * t.sigma - c * c);
    // Two terms of the sizes beside it are subtracted for b.
    CHECK(std::abs(data.a - q / s.sigma) <= 1e-13 * data.a);
    CHECK(std::abs(data.b - (t.alpha - s.alpha * q / s.sigma)) <= 1e-13 * (t.alpha + s.alpha * q / s.sigma));
    CHECK(std::abs(noise.a - t.alpha / s.alpha) <= 1e-13 * noise.a);
    CHECK(std::abs(noise.b - (q - s.sigma * t.alpha / s.alpha)) <= 1e-13 * (q + s.sigma * t.alpha / s.alpha));
    CHECK(std::abs(data.c - c) <= 1e-13 * t.sigma);
    CHECK(noise.c == data.c);
    // Marginals: what is not data has variance sigma_t^2.
    CHECK(std::abs(data.a * data.a * s.sigma * s.sigma + data.c * data.c - t.sigma * t.sigma) <= 1e-13 * t.sigma * t.sigma);
    CHECK(std::abs(data.a * s.alpha + data.b - t.alpha) <= 1e-13 * (data.a * s.alpha + std::abs(data.b)));
  }
}

TEST_CASE("eta = 1 is the ancestral step of DDPM: a = sigma_t/sigma_s e^-h, b = alpha_t (1 - e^-2h), c = sigma_t sqrt(1 - e^-2h)") {
  std::mt19937 draw(9);
  for (int k = 0; k < 500; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const double h = t.lambda - s.lambda;
    const one_step w = step_between({.eta = 1}, levels, x0_model{});
    CHECK(w.a == Approx(t.sigma / s.sigma * std::exp(-h)).epsilon(1e-13));
    // alpha_t - alpha_s*a is subtracted, up to 1/(1 - e^-2h) times more than is left: 20 at the shortest steps
    CHECK(w.b == Approx(-t.alpha * std::expm1(-2 * h)).epsilon(1e-13));
    CHECK(w.c == Approx(t.sigma * std::sqrt(-std::expm1(-2 * h))).epsilon(1e-13));
  }
}

TEST_CASE("ddim: a step to sigma = 0 is the prediction, without noise") {
  for (const double eta : {0., 0.5, 1.}) {
    const grid levels = from_times(flow{}, std::vector<double>{0.3, 0});
    const one_step w = step_between({.eta = eta}, levels, x0_model{});
    CHECK(w.a == 0);
    CHECK(w.b == 1);
    CHECK(w.c == 0);
  }
}

TEST_CASE("a step from alpha = 0 keeps the share of the noise that eta leaves") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.6});
  for (const double eta : {0., 0.5, 1.}) {
    const one_step w = step_between({.eta = eta}, levels, x0_model{});
    // h is infinite: the share of fresh noise is eta^2
    CHECK(w.a == Approx(0.6 * std::sqrt(1 - eta * eta)).epsilon(1e-15));
    CHECK(w.b == Approx(0.4).epsilon(1e-15));
    CHECK(w.c == Approx(0.6 * eta).epsilon(1e-15));
  }
}

TEST_CASE("eta = 0 draws no noise") { CHECK_FALSE(compile(ddim{}, golden_grid(), x0_model{}).uses_noise()); }

TEST_CASE("with a filter the noise is the model's own, or what is left beside the filtered x0") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{2, 1});
  const auto run = [&](bool rederive) {
    std::vector<double> x{8};
    const auto net = [](std::span<const double>, const level<>&, std::span<double> out) { out[0] = 2; };  // eps = 2, x0 = 4
    sample(ddim{.rederive_noise = rederive}, levels, filtered(eps(net), clip{1}), x);
    return x[0];
  };
  CHECK(run(false) == Approx(1 + 1 * 2.).epsilon(1e-15));
  CHECK(run(true) == Approx(1 + 1 * (8 - 1) / 2.).epsilon(1e-15));
}

TEST_CASE("eta outside [0, 1] is refused") {
  CHECK_FALSE(ddim{.eta = 1}.check());
  CHECK(ddim{.eta = -0.1}.check()->what() == std::string("ddim: eta is -0.1, needs a number from 0 to 1"));
  CHECK(ddim{.eta = 1.5}.check()->what() == std::string("ddim: eta is 1.5, needs a number from 0 to 1"));
  CHECK(ddim{.eta = std::numeric_limits<double>::quiet_NaN()}.check()->what() == std::string("ddim: eta is nan, needs a number from 0 to 1"));
}
