// SPDX-License-Identifier: MIT
#include "diffode/method/dpmpp_sde.hpp"

#include "catch.hpp"
#include "conformance/mixture.hpp"
#include "diffode/method/singlestep.hpp"
#include "method/law.hpp"

#include <limits>
#include <string>

using namespace diffode_test;

namespace {

/// k-diffusion's step in its own words, y over rho: coefficients of y, m0, m1, z1, z2 with z2 the noise of the whole step.
/// What leads to the stage is in m1.
row textbook(double s, double t, double eta, double r, double s_noise) {
  const double up = std::fmin(t, eta * std::sqrt(t * t * (s * s - t * t) / (s * s))), down = std::sqrt(t * t - up * up), f = 1 / (2 * r);
  return {down / s, (1 - down / s) * (1 - f), (1 - down / s) * f, 0, up * s_noise};
}

/// The right side of dx/dlambda = (dln sigma/dlambda - 1) x + 2 alpha x0 on the VP path, where the derivative of ln sigma is
/// -alpha^2.
double drift(const mixture& data, double x, const level<>& at) {
  return (-at.alpha * at.alpha - 1) * x + 2 * at.alpha * data.at(x, at).x0;
}

/// The classical Runge-Kutta method, with steps so small that its error is that of rounding.
double exact_drift(const mixture& data, double x, const level<>& from, const level<>& to) {
  const vp_linear path;
  constexpr int n = 4000;
  const double h = (to.lambda - from.lambda) / n;
  for (int i = 0; i < n; ++i) {
    const double l = from.lambda + h * i;
    const level<> a = path.at_lambda(l), b = path.at_lambda(l + h / 2), c = path.at_lambda(l + h);
    const double k1 = drift(data, x, a), k2 = drift(data, x + h / 2 * k1, b), k3 = drift(data, x + h / 2 * k2, b), k4 = drift(data, x + h * k3, c);
    x += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return x;
}

}  // namespace

TEST_CASE("a step is that of k-diffusion in y = x/alpha over rho, in every frame") {
  std::mt19937 draw(51);
  std::uniform_real_distribution<double> share(0.05, 1);
  for (int k = 0; k < 1500; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const double eta = k % 3 == 0 ? 1 : share(draw), r = k % 2 == 0 ? 0.5 : share(draw), s_noise = 1 + share(draw);
    const probe p(dpmpp_sde{.eta = eta, .r = r, .s_noise = s_noise, .whole_increment = true}, levels, x0_model{});
    const row& x = p.state[1];
    const row wanted = textbook(rho(s), rho(t), eta, r, s_noise);
    CHECK(rho(p.made.call(1).at) == Approx(std::pow(rho(s), 1 - r) * std::pow(rho(t), r)).epsilon(1e-13));
    // down comes of t^2 - up^2, which loses up to e^(2h) = 20 of its digits; 1/(2r) is up to 10.
    CHECK(std::abs(x[0] - t.alpha / s.alpha * wanted[0]) <= 1e-13 * t.alpha / s.alpha);
    for (std::size_t i = 1; i < 5; ++i) CHECK(std::abs(x[i] - t.alpha * wanted[i]) <= 1e-12 * t.alpha * (1 + rho(t)));
  }
}

TEST_CASE("the second evaluation is on an ancestral step to the stage") {
  std::mt19937 draw(52);
  for (int k = 0; k < 200; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>& s = levels[0];
    const row z{0.7, -0.3};
    std::vector<double> x{1.3};
    sampler<double, recorded_noise<double>> run(dpmpp_sde{.r = 0.4}, levels, x0_model{}, x, {}, recorded_noise<double>{z, 1});
    run.feed(std::vector<double>{0.6});
    const auto call = run.next();
    const level<>& u = call->at;
    const double h = u.lambda - s.lambda;
    CHECK(h == Approx(0.4 * (levels[1].lambda - s.lambda)).epsilon(1e-12));
    // eta = 1: the posterior of DDPM at u.
    const double wanted = u.sigma / s.sigma * std::exp(-h) * 1.3 - u.alpha * std::expm1(-2 * h) * 0.6 + u.sigma * std::sqrt(-std::expm1(-2 * h)) * 0.7;
    CHECK(call->x[0] == Approx(wanted).epsilon(1e-12));
  }
}

TEST_CASE("the noise of a step is made of its parts, with the weights of a Brownian motion on the clock e^(2 lambda)") {
  std::mt19937 draw(53);
  std::uniform_real_distribution<double> share(0.05, 1);
  for (int k = 0; k < 500; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const dpmpp_sde how{.eta = share(draw), .r = k % 5 == 0 ? 1 : share(draw)};
    dpmpp_sde whole = how;
    whole.whole_increment = true;
    const probe parts(how, levels, x0_model{}), one(whole, levels, x0_model{});
    const double u = s.lambda + how.r * (t.lambda - s.lambda), at_s = std::exp(2 * s.lambda), at_u = std::exp(2 * u), at_t = std::exp(2 * t.lambda);
    const double c = one.state[1][4], w = std::sqrt((at_u - at_s) / (at_t - at_s));
    CHECK(parts.state[1][3] == Approx(c * w).epsilon(1e-12));
    CHECK(std::abs(parts.state[1][4] - c * std::sqrt((1 - w) * (1 + w))) <= 1e-7 * c);  // the root of a difference near 0
    CHECK(std::hypot(parts.state[1][3], parts.state[1][4]) == Approx(c).epsilon(1e-14));
    for (std::size_t i = 0; i < 3; ++i) CHECK(parts.state[1][i] == one.state[1][i]);
    REQUIRE(parts.made.noises() == 2);
    CHECK(parts.made.noise_intervals()[0].from == 2 * s.lambda);
    if (how.r < 1) {  // else nothing is left for the second
      CHECK(parts.made.noise_intervals()[0].to == parts.made.noise_intervals()[1].from);
      CHECK(parts.made.noise_intervals()[1].to == 2 * t.lambda);
    }
    CHECK(one.made.noise_intervals()[1].from == 2 * s.lambda);
  }
}

TEST_CASE("eta = 0 is DPM-Solver++(2S)") {
  std::mt19937 draw(54);
  for (const double r : {0.3, 0.5, 1.}) {
    const grid levels = random_grid(draw, 3);
    const probe none(dpmpp_sde{.eta = 0, .r = r}, levels, x0_model{}), wanted(singlestep{.r1 = {r}}, levels, x0_model{});
    CHECK_FALSE(none.made.uses_noise());
    for (std::size_t k = 0; k < none.state[3].size(); ++k) CHECK(none.state[3][k] == Approx(wanted.state[3][k]).margin(1e-14));
  }
}

TEST_CASE("the law of a run has order 2; with two noises of nothing in common it would have order 1") {
  const noise_path paths[] = {vp_linear{}, edm{}, flow{}};
  const double noisy[] = {0.8, 20, 0.95}, clean[] = {0.02, 0.05, 0.05};
  for (std::size_t k = 0; k < 3; ++k)
    for (const double eta : {0.5, 1.}) {
      // The slope's own error falls like 1/n: 0.06 at 40 steps.
      CHECK(order_in_law(dpmpp_sde{.eta = eta}, paths[k], noisy[k], clean[k], 40) == Approx(2).margin(0.1));
      CHECK(order_in_law(dpmpp_sde{.eta = eta, .whole_increment = true}, paths[k], noisy[k], clean[k], 40) == Approx(2).margin(0.1));
    }
  const grid levels = uniform_lambda(edm{}, {.from = 20, .to = 0.05, .count = 80}), finer = uniform_lambda(edm{}, {.from = 20, .to = 0.05, .count = 160});
  const auto unrelated = [](const noise_interval&, const noise_interval&) { return 0.; };
  const dpmpp_sde how{.whole_increment = true};
  const double error = std::abs(variance_ratio(how, levels, 0.6, unrelated) - 1), fine = std::abs(variance_ratio(how, finer, 0.6, unrelated) - 1);
  CHECK(std::log2(error / fine) == Approx(1).margin(0.1));
}

TEST_CASE("with eta = 1 and the noise left out a run solves the drift of its equation, with order 2") {
  const mixture data;
  const vp_linear path;
  const auto error = [&](int steps) {
    const grid levels = uniform_lambda(path, {.from = 0.8, .to = 0.05, .count = steps});
    const std::vector<double> starts{-1.1, -0.3, 0.2, 0.9};
    std::vector<double> x = starts;
    sampler run(dpmpp_sde{.s_noise = 0}, levels, x0_model{}, x);
    std::vector<double> out(x.size());
    while (const auto call = run.next()) {
      for (std::size_t i = 0; i < x.size(); ++i) out[i] = data.at(call->x[i], call->at).x0;
      run.feed(out);
    }
    double off = 0;
    for (std::size_t i = 0; i < x.size(); ++i) off += std::pow(x[i] - exact_drift(data, starts[i], levels.front(), levels.back()), 2);
    return std::sqrt(off);
  };
  CHECK(std::log2(error(160) / error(320)) == Approx(2).margin(0.1));
}

TEST_CASE("a step to sigma = 0 is the prediction, and one from alpha = 0 is of order 1, each with one evaluation") {
  const probe clean(dpmpp_sde{}, from_sigmas(ve{}, std::vector<double>{2, 0}), x0_model{});
  CHECK_FALSE(clean.made.uses_noise());
  CHECK(clean.state[1] == row{0, 1});
  const probe noisy(dpmpp_sde{.eta = 0.5}, from_times(flow{}, std::vector<double>{1, 0.6}), x0_model{});
  CHECK(noisy.calls() == 1);
  CHECK(noisy.state[1][0] == Approx(0.6 * std::sqrt(0.75)).epsilon(1e-14));
  CHECK(noisy.state[1][1] == Approx(0.4).epsilon(1e-14));
  CHECK(noisy.state[1][2] == Approx(0.3).epsilon(1e-14));
}

TEST_CASE("dpmpp_sde: a step of length zero changes nothing") {
  const probe p(dpmpp_sde{}, from_sigmas(ve{}, std::vector<double>{2, 1}, ending::repeat), x0_model{});
  for (std::size_t k = 0; k < p.state[1].size(); ++k) CHECK(p.state[2][k] == Approx(p.state[1][k]).margin(1e-15));
}

TEST_CASE("dpmpp_sde: wrong options are refused, and steps towards noise") {
  CHECK_FALSE(dpmpp_sde{}.check());
  CHECK(dpmpp_sde{.eta = 1.5}.check()->what() == std::string("dpmpp_sde: eta is 1.5, needs a number from 0 to 1"));
  CHECK(dpmpp_sde{.r = 0}.check()->what() == std::string("dpmpp_sde: r is 0, needs a number from 0.0001 to 1"));
  CHECK(dpmpp_sde{.r = 1.5}.check()->what() == std::string("dpmpp_sde: r is 1.5, needs a number from 0.0001 to 1"));
  CHECK(dpmpp_sde{.s_noise = std::numeric_limits<double>::quiet_NaN()}.check()->what() == std::string("dpmpp_sde: s_noise is nan, needs a finite number not below 0"));
  const auto back = try_compile(dpmpp_sde{}, from_times(flow{}, std::vector<double>{0.2, 0.6}), x0_model{});
  REQUIRE_FALSE(back);
  CHECK(back.reason()->what() == std::string("dpmpp_sde: eta is 1 on a step towards noise, needs 0: noise is drawn anew only where some is taken away"));
  CHECK(try_compile(dpmpp_sde{.eta = 0}, from_times(flow{}, std::vector<double>{0.2, 0.6}), x0_model{}));
}
