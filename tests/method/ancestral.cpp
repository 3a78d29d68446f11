// SPDX-License-Identifier: MIT
#include "diffode/method/ancestral.hpp"

#include "catch.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpm2.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/singlestep.hpp"
#include "method/law.hpp"

#include <limits>
#include <string>

using namespace diffode_test;

namespace {

/// k-diffusion's split of a step, in its own words: noise levels down and up.
struct split {
  double down, up;
};
split ancestral_split(double s, double t, double eta) {
  const double up = std::fmin(t, eta * std::sqrt(t * t * (s * s - t * t) / (s * s)));
  return {std::sqrt(t * t - up * up), up};
}

double far_apart(const row& a, const row& b) {
  REQUIRE(a.size() == b.size());
  double off = 0;
  for (std::size_t k = 0; k < a.size(); ++k) off = std::fmax(off, std::abs(a[k] - b[k]));
  return off;
}

}  // namespace

TEST_CASE("with Euler's method it is ddim of the same eta, for any path, in data and in noise") {
  std::mt19937 draw(31);
  std::uniform_real_distribution<double> share(0, 1);
  for (int k = 0; k < 300; ++k) {
    const grid levels = random_grid(draw, 4);
    const double eta = k % 3 == 0 ? 1 : share(draw);
    const probe data(ancestral<euler>{.eta = eta}, levels, x0_model{}), wanted(ddim{.eta = eta}, levels, x0_model{});
    const probe noise(ancestral<euler>{.eta = eta}, levels, eps_model{}), wanted_noise(ddim{.eta = eta}, levels, eps_model{});
    // Some ten roundings a step, of numbers up to the largest coefficient.
    CHECK(far_apart(data.state[4], wanted.state[4]) <= 1e-14 * (1 + wanted.made.largest_coefficient()) * 20);
    CHECK(far_apart(noise.state[4], wanted_noise.state[4]) <= 1e-14 * std::pow(1 + wanted_noise.made.largest_coefficient(), 2) * 20);
  }
}

TEST_CASE("a step is that of k-diffusion's euler_ancestral in y = x/alpha over rho, in every frame") {
  std::mt19937 draw(32);
  std::uniform_real_distribution<double> share(0, 1);
  for (int k = 0; k < 1500; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const double eta = k % 3 == 0 ? 1 : share(draw), s_noise = 1 + share(draw);
    const split w = ancestral_split(rho(s), rho(t), eta);
    const row x = probe(ancestral<euler>{.eta = eta, .s_noise = s_noise}, levels, x0_model{}).state[1];
    // down comes of t^2 - up^2, which loses up to e^(2h) = 20 of its digits.
    CHECK(std::abs(x[0] - t.alpha / s.alpha * w.down / rho(s)) <= 1e-13 * t.alpha / s.alpha);
    CHECK(std::abs(x[1] - t.alpha * (1 - w.down / rho(s))) <= 1e-13 * t.alpha);
    CHECK(std::abs(x[2] - t.alpha * w.up * s_noise) <= 1e-13 * t.sigma * s_noise);
  }
}

TEST_CASE("with DPM-Solver++(2S) a step is that of k-diffusion's dpmpp_2s_ancestral, in every frame") {
  std::mt19937 draw(33);
  for (int k = 0; k < 500; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const split w = ancestral_split(rho(s), rho(t), 1);
    const probe p(ancestral<singlestep>{}, levels, x0_model{});
    const double mid = std::sqrt(rho(s) * w.down), kept = w.down / rho(s);
    CHECK(rho(p.made.call(1).at) == Approx(mid).epsilon(1e-12));
    CHECK(std::abs(p.state[1][0] - t.alpha / s.alpha * kept) <= 1e-13 * t.alpha / s.alpha);
    CHECK(std::abs(p.state[1][1]) <= 1e-15);
    CHECK(std::abs(p.state[1][2] - t.alpha * (1 - kept)) <= 1e-13 * t.alpha);
    CHECK(std::abs(p.state[1][3] - t.alpha * w.up) <= 1e-13 * t.sigma);
  }
}

TEST_CASE("with DPM2 a step is that of k-diffusion's dpm_2_ancestral, in every frame") {
  std::mt19937 draw(34);
  for (int k = 0; k < 500; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const split w = ancestral_split(rho(s), rho(t), 1);
    const probe p(ancestral<dpm2>{}, levels, eps_model{});
    // y + (down - rho_s) d(mid): the first slope only leads to the middle.
    CHECK(std::abs(p.state[1][0] - t.alpha / s.alpha) <= 1e-13 * t.alpha / s.alpha);
    CHECK(std::abs(p.state[1][1]) <= 1e-13 * t.alpha * rho(s));
    CHECK(std::abs(p.state[1][2] - t.alpha * (w.down - rho(s))) <= 1e-12 * t.alpha * rho(s));
    CHECK(std::abs(p.state[1][3] - t.alpha * w.up) <= 1e-13 * t.sigma);
  }
}

TEST_CASE("in flow time a step is that of stable-diffusion.cpp and LTX on the straight path") {
  std::mt19937 draw(35);
  std::uniform_real_distribution<double> time(0.02, 0.98), share(0.05, 1);
  for (int k = 0; k < 500; ++k) {
    double s = time(draw), t = time(draw);
    if (s < t) std::swap(s, t);
    if (s - t < 0.01) continue;
    const double eta = k % 3 == 0 ? 1 : share(draw), down = t * (1 + (t / s - 1) * eta), back = (1 - t) / (1 - down);
    const row x = probe(ancestral<euler>{.eta = eta, .rule = descent::flow_time}, from_times(flow{}, std::vector<double>{s, t}), x0_model{}).state[1];
    CHECK(std::abs(x[0] - back * down / s) <= 1e-13);
    CHECK(std::abs(x[1] - back * (1 - down / s)) <= 1e-13);
    // t^2 - (down back)^2 loses up to t/(t - down) of its digits.
    CHECK(std::abs(x[2] - std::sqrt(t * t - down * down * back * back)) <= 1e-12);
  }
}

TEST_CASE("what is not data has the variance of the target's noise, whichever way down and whatever the path") {
  std::mt19937 draw(36);
  std::uniform_real_distribution<double> share(0, 1);
  for (int k = 0; k < 1000; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const descent rule = k % 2 == 0 ? descent::variance : descent::flow_time;
    const row x = probe(ancestral<euler>{.eta = share(draw), .rule = rule}, levels, x0_model{}).state[1];
    CHECK(std::pow(x[0] * s.sigma, 2) + x[2] * x[2] == Approx(t.sigma * t.sigma).epsilon(1e-12));
    CHECK(std::abs(x[0] * s.alpha + x[1] - t.alpha) <= 1e-13 * (t.alpha + x[0] * s.alpha));
  }
}

TEST_CASE("eta = 0 is the method inside, to the last bit, and draws nothing") {
  std::mt19937 draw(37);
  const grid levels = random_grid(draw, 5);
  const plan none = compile(ancestral<heun>{.eta = 0}, levels, v_model{}), wanted = compile(heun{}, levels, v_model{});
  CHECK(none.fingerprint() == wanted.fingerprint());
  CHECK_FALSE(none.uses_noise());
}

TEST_CASE("ancestral: the law of a run has the order of the method inside") {
  // The slope's own error falls like 1/n: 0.04 at 40 steps at most for the second-order methods, 0.07 for Euler's.
  const noise_path paths[] = {vp_linear{}, edm{}, flow{}};
  const double noisy[] = {0.8, 20, 0.95}, clean[] = {0.02, 0.05, 0.05};
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(order_in_law(ancestral<euler>{}, paths[k], noisy[k], clean[k], 40) == Approx(1).margin(0.1));
    CHECK(order_in_law(ancestral<euler>{.rule = descent::flow_time}, paths[k], noisy[k], clean[k], 40) == Approx(1).margin(0.1));
    CHECK(order_in_law(ancestral<heun>{}, paths[k], noisy[k], clean[k], 40) == Approx(2).margin(0.1));
    CHECK(order_in_law(ancestral<heun>{.eta = 0.5, .rule = descent::flow_time}, paths[k], noisy[k], clean[k], 40) == Approx(2).margin(0.1));
    CHECK(order_in_law(ancestral<singlestep>{}, paths[k], noisy[k], clean[k], 40) == Approx(2).margin(0.1));
    CHECK(order_in_law(ancestral<singlestep>{.inner = {.p = 3}}, paths[k], noisy[k], clean[k], 80) == Approx(3).margin(0.1));
  }
}

TEST_CASE("a step to sigma = 0 is the method's, without noise") {
  for (const double eta : {0.5, 1.}) {
    const probe p(ancestral<heun>{.eta = eta}, from_sigmas(ve{}, std::vector<double>{2, 0}), x0_model{});
    CHECK_FALSE(p.made.uses_noise());
    CHECK(p.calls() == 1);
    CHECK(p.state[1] == row{0, 1});
  }
}

TEST_CASE("from alpha = 0 with eta = 1 all noise is new; with less the way down ends above sigma = 0") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.6});
  const probe whole(ancestral<heun>{}, levels, x0_model{}), half(ancestral<heun>{.eta = 0.5}, levels, x0_model{});
  CHECK(whole.calls() == 1);
  CHECK(whole.state[1][0] == 0);
  CHECK(whole.state[1][1] == Approx(0.4).epsilon(1e-15));
  CHECK(whole.state[1][2] == Approx(0.6).epsilon(1e-15));
  CHECK(half.state[1][2] == Approx(0.6 * 0.5).epsilon(1e-15));
  const probe timed(ancestral<euler>{.rule = descent::flow_time}, levels, x0_model{});  // down = 0.36
  CHECK(timed.state[1][0] == Approx(0.36 * 0.4 / 0.64).epsilon(1e-14));
  CHECK(timed.state[1][2] == Approx(std::sqrt(0.36 - std::pow(0.36 * 0.4 / 0.64, 2))).epsilon(1e-14));
}

TEST_CASE("noise is of one Brownian path on the clock of the signal-to-noise ratio, with no gap") {
  const grid levels = golden_grid();
  const plan p = compile(ancestral<heun>{}, levels, x0_model{});
  REQUIRE(p.noises() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(p.noise_intervals()[i].from == 2 * levels[i].lambda);
    CHECK(p.noise_intervals()[i].to == 2 * levels[i + 1].lambda);
  }
}

TEST_CASE("ancestral: a step of length zero changes nothing") {
  const probe p(ancestral<heun>{}, from_sigmas(ve{}, std::vector<double>{2, 1}, ending::repeat), x0_model{});
  for (std::size_t k = 0; k < p.state[1].size(); ++k) CHECK(p.state[2][k] == Approx(p.state[1][k]).margin(1e-15));
}

TEST_CASE("ancestral: wrong options are refused, and steps towards noise") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_FALSE(ancestral<euler>{}.check());
  CHECK(ancestral<euler>{.eta = 1.5}.check()->what() == std::string("ancestral: eta is 1.5, needs a number from 0 to 1"));
  CHECK(ancestral<euler>{.eta = -0.5}.check()->what() == std::string("ancestral: eta is -0.5, needs a number from 0 to 1"));
  CHECK(ancestral<euler>{.s_noise = infinity}.check()->what() == std::string("ancestral: s_noise is inf, needs a finite number not below 0"));
  CHECK(ancestral<dpmpp_2m>{}.check()->what() == std::string("ancestral: dpmpp_2m remembers 1 evaluations, needs a method that remembers none"));
  CHECK(ancestral<singlestep>{.inner = {.p = 7}}.check()->what() == std::string("singlestep: order p is 7, needs 1 to 3"));
  CHECK(ancestral<euler>{.target = prediction::eps}.check()->what() == std::string("ancestral: target is not that of euler, needs the same"));
  const auto back = try_compile(ancestral<euler>{}, from_times(flow{}, std::vector<double>{0.2, 0.6}), x0_model{});
  REQUIRE_FALSE(back);
  CHECK(back.reason()->what() == std::string("ancestral: eta is 1 on a step towards noise, needs 0: noise is drawn anew only where some is taken away"));
}
