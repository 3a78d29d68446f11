// SPDX-License-Identifier: MIT
#include "diffode/method/sde_dpmpp.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

probe of(const sde_dpmpp& how, const grid& levels) {
  return how.target == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{});
}

/// Weights of the last step on a VE path, divided by G where the form has one.
row last_weights(const sde_dpmpp& how, const grid& levels) { return weights(of(how, levels), levels.steps() - 1, levels, how.target); }

void check(const row& w, const std::vector<double>& wanted, double epsilon = 2e-14) {
  REQUIRE(w.size() == wanted.size());
  for (std::size_t j = 0; j < w.size(); ++j) CHECK(w[j] == Approx(wanted[j]).epsilon(epsilon));
}

}  // namespace

TEST_CASE("eta = 0 is dpmpp_2m and dpmpp_3m, bit for bit") {
  std::mt19937 draw(1);
  for (int k = 0; k < 50; ++k) {
    const grid levels = random_grid(draw, 6);
    for (const prediction target : {prediction::x0, prediction::eps})
      for (const slope form : {slope::midpoint, slope::heun}) {
        const auto same = [&](const auto& a, const auto& b) {
          CHECK((target == prediction::x0 ? probe(a, levels, v_model{}) : probe(a, levels, eps_model{})).state ==
                (target == prediction::x0 ? probe(b, levels, v_model{}) : probe(b, levels, eps_model{})).state);
        };
        same(sde_dpmpp{.eta = 0, .form = form, .target = target}, dpmpp_2m{.form = form, .target = target});
        for (const curvature c : {curvature::exact, curvature::published})
          same(sde_dpmpp{.p = 3, .eta = 0, .form = form, .weights = c, .target = target}, dpmpp_3m{.weights = c, .form = form, .target = target});
      }
  }
}

TEST_CASE("weights for eta = 1 are those of the papers") {
  check(last_weights({.p = 1}, at_lambdas({0, 0.5})), {0.6321205588285577});
  const grid two = at_lambdas({-0.4, 0, 0.5}), three = golden_grid();
  check(last_weights({.form = slope::heun}, two), {1.091969860292861, -0.4598493014643029});
  check(last_weights({.p = 3}, three), {1.409324786766877, -0.9585499002091861, 0.1813456722708666});
  // Midpoint: the slope counts (1 - e^(-2h))/2; the noise form doubles the weights of DPM-Solver-2M.
  const double G1 = -std::expm1(-1.0), r0 = 0.8;
  check(last_weights({}, two), {G1 + G1 / 2 / r0, -G1 / 2 / r0});
  check(last_weights({.target = prediction::eps}, two), {2 * 1.054172064887708, 2 * -0.40545079418758});
  check(last_weights({.p = 3, .target = prediction::eps}, three), {2 * 1.263549560360238, 2 * -0.7536997827514187, 2 * 0.1388714930913085});
}

TEST_CASE("the published third order is k-diffusion's, flipped that of diffusers") {
  for (const double eta : {0.5, 1.0}) {
    const double h = 0.5, k = h * (1 + eta), r0 = 0.4 / h, r1 = 0.7 / h;
    const double g1 = -std::expm1(-k), p2 = std::expm1(-k) / k + 1, p3 = p2 / k - 0.5;
    const auto expected = [&](double c3) {
      // p2 (d0 + (d0 - d1) r0/(r0 + r1)) + c3 (d0 - d1)/(r0 + r1), d0 = (m0 - m1)/r0, d1 = (m1 - m2)/r1
      const double bend = (p2 * r0 + c3) / (r0 + r1), on0 = p2 + bend, on1 = -bend;
      return std::vector<double>{g1 + on0 / r0, -on0 / r0 + on1 / r1, -on1 / r1};
    };
    const sde_dpmpp how{.p = 3, .eta = eta, .weights = curvature::published};
    sde_dpmpp flipped = how;
    flipped.flipped = true;
    check(last_weights(how, golden_grid()), expected(-p3), 1e-13);
    check(last_weights(flipped, golden_grid()), expected((g1 - k) / (k * k) - 0.5), 1e-13);
  }
}

TEST_CASE("p = 1 with eta = 1 is ddim with eta = 1") {
  std::mt19937 draw(2);
  for (int k = 0; k < 50; ++k) {
    const grid levels = random_grid(draw, 3);
    const probe a(sde_dpmpp{.p = 1}, levels, x0_model{}), b(ddim{.eta = 1}, levels, x0_model{});
    for (std::size_t j = 0; j < a.state[3].size(); ++j) CHECK(a.state[3][j] == Approx(b.state[3][j]).epsilon(1e-12).margin(1e-13));
  }
}

TEST_CASE("the noise of a step has its deviation, times s_noise") {
  std::mt19937 draw(3);
  for (int k = 0; k < 100; ++k) {
    const grid levels = random_grid(draw, 3);
    const double eta = 0.3 + 0.01 * k, h = levels[3].lambda - levels[2].lambda, sigma = levels[3].sigma;
    CHECK(step_of(of({.p = 3, .eta = eta, .s_noise = 1.5}, levels), 2).c == Approx(1.5 * sigma * std::sqrt(1 - std::exp(-2 * eta * h))).epsilon(1e-12));
    CHECK(step_of(of({.p = 3, .eta = eta, .target = prediction::eps}, levels), 2).c == Approx(sigma * std::sqrt(eta * std::expm1(2 * h))).epsilon(1e-12));
  }
}

TEST_CASE("noise is drawn on every step but those to sigma = 0, as increments of the path that drives the equation") {
  const grid levels = at_lambdas({-1, 0, 0.5, 2}), to_zero = from_times(flow{}, std::vector<double>{0.9, 0.5, 0});
  CHECK(of({.eta = 0}, levels).made.noises() == 0);
  CHECK(of({.s_noise = 0}, levels).made.noises() == 3);
  CHECK(of({}, to_zero).made.noises() == 1);
  const plan data = of({.eta = 0.5}, levels).made, noise = of({.eta = 0.5, .target = prediction::eps}, levels).made;
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(data.noise_intervals()[i].from == levels[i].lambda);
    CHECK(data.noise_intervals()[i].to == levels[i + 1].lambda);
    CHECK(noise.noise_intervals()[i].from == -2 * levels[i + 1].lambda);
    CHECK(noise.noise_intervals()[i].to == -2 * levels[i].lambda);
  }
}

TEST_CASE("the last step to sigma = 0 returns x0, and the first from alpha = 0 renews all noise") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.6, 0.3, 0});
  const probe p(sde_dpmpp{.p = 3}, levels, x0_model{});
  CHECK(p.state[1] == row{0, 0.4, 0, 0, 0.6, 0});
  CHECK(p.state[3] == row{0, 0, 0, 1, 0, 0});
}

TEST_CASE("sde_dpmpp refuses what it can not do, with the reason") {
  const auto why = [](const sde_dpmpp& how) { return std::string(how.check()->what()); };
  CHECK_FALSE(sde_dpmpp{}.check());
  CHECK(why({.p = 4}) == "sde_dpmpp: order p is 4, needs 1 to 3");
  CHECK(why({.eta = -1}) == "sde_dpmpp: eta is -1, needs a number from 0 to 1000000");
  CHECK(why({.s_noise = -0.5}) == "sde_dpmpp: s_noise is -0.5, needs a number from 0 to 1000000");
  CHECK(why({.p = 3, .flipped = true}) ==
        "sde_dpmpp: flipped is true, needs false except with weights = curvature::published and target = prediction::x0");
  CHECK(why({.ends = ramp::given({3})}) == "sde_dpmpp: ramp.orders[0] is 3, needs 1 to 2");
  const grid up = reversed(at_lambdas({-1, 0}));
  CHECK(std::string(try_compile(sde_dpmpp{}, up, x0_model{}).reason()->what()) ==
        "sde_dpmpp: eta is 1 on a step towards noise, needs 0: noise is drawn anew only where some is taken away");
  CHECK(static_cast<bool>(try_compile(sde_dpmpp{.eta = 0}, up, x0_model{})));
}

TEST_CASE("orders that sde_dpmpp claims") {
  CHECK(sde_dpmpp{.p = 3}.order() == 3);
  CHECK(sde_dpmpp{.p = 3, .weights = curvature::published}.order() == 2);
  CHECK(sde_dpmpp{.p = 3, .weights = curvature::published, .flipped = true}.order() == 1);
  CHECK(sde_dpmpp{.p = 2, .weights = curvature::published, .flipped = true}.order() == 2);
}
