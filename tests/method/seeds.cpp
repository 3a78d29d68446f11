// SPDX-License-Identifier: MIT
#include "diffode/method/seeds.hpp"

#include "catch.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/singlestep.hpp"
#include "method/drift.hpp"
#include "method/law.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// Coefficients of the start, of three evaluations and of three draws in one step of SEEDS-3 in data form, in the words of
/// its paper: stages at 1/3 and 2/3, each with the noise of the way from the start.
row textbook(const level<>& s, const level<>& t) {
  const double h = t.lambda - s.lambda;
  const auto decay = [&](const level<>& to, double share) { return to.sigma / s.sigma * std::exp(-share * h); };
  const auto g1 = [&](double share) { return -std::expm1(-2 * share * h); };
  const double g2 = 1 - g1(1) / (2 * h);
  // Noise in a state at the share b of the way, drawn between a and b: sigma sqrt(e^(-2 (b' - b) h) - e^(-2 (b' - a) h)), b' = 1.
  const auto drawn = [&](double a, double b) { return t.sigma * std::sqrt(std::exp(-2 * (1 - b) * h) - std::exp(-2 * (1 - a) * h)); };
  return {decay(t, 1), t.alpha * (g1(1) - 1.5 * g2), 0, t.alpha * 1.5 * g2, drawn(0, 1. / 3), drawn(1. / 3, 2. / 3), drawn(2. / 3, 1)};
}

double far_apart(const row& a, const row& b) {
  REQUIRE(a.size() == b.size());
  double off = 0;
  for (std::size_t k = 0; k < a.size(); ++k) off = std::fmax(off, std::abs(a[k] - b[k]));
  return off;
}

/// The largest numbers that a run in noise form adds up: it divides by alpha.
double size_of(const row& a) {
  double size = 1;
  for (const double v : a) size += std::abs(v);
  return size;
}

}  // namespace

TEST_CASE("a step of SEEDS-3 in data form is that of the paper, for any alpha and sigma") {
  std::mt19937 draw(71);
  for (int k = 0; k < 300; ++k) {
    const grid levels = random_grid(draw, 1);
    const row wanted = textbook(levels[0], levels[1]);
    // g_2 loses a digit or two at the shortest steps, as written there.
    CHECK(far_apart(probe(seeds{.p = 3}, levels, x0_model{}).state[1], wanted) <= 1e-13 * size_of(wanted));
  }
}

TEST_CASE("a stage of SEEDS-2 has a half of the path's noise, in both forms: sqrt(e^(2h) - e^h) and sqrt(e^h - 1)") {
  const grid levels = at_lambdas({-0.3, 0.5}, vp_linear{});
  const level<>&s = levels[0], &t = levels[1];
  const double h = t.lambda - s.lambda;
  const row noise = probe(seeds{.target = prediction::eps}, levels, eps_model{}).state[1];
  REQUIRE(noise.size() == 5);
  CHECK(noise[3] == Approx(t.sigma * std::sqrt(std::exp(2 * h) - std::exp(h))).epsilon(1e-13));
  CHECK(noise[4] == Approx(t.sigma * std::sqrt(std::expm1(h))).epsilon(1e-13));
  CHECK(noise[0] == Approx(t.alpha / s.alpha).epsilon(1e-13));
  CHECK(std::abs(noise[1]) < 1e-14);
  CHECK(noise[2] == Approx(-2 * t.sigma * std::expm1(h)).epsilon(1e-13));
  const row data = probe(seeds{}, levels, x0_model{}).state[1];
  CHECK(data[3] == Approx(t.sigma * std::sqrt(std::exp(-h) - std::exp(-2 * h))).epsilon(1e-13));
  CHECK(data[4] == Approx(t.sigma * std::sqrt(-std::expm1(-h))).epsilon(1e-13));
}

TEST_CASE("in data form a step keeps the variance of the noise, whatever the strength") {
  std::mt19937 draw(72);
  std::uniform_real_distribution<double> strength(0, 2);
  for (int k = 0; k < 300; ++k)
    for (int p = 1; p <= 3; ++p) {
      const grid levels = random_grid(draw, 1);
      const row x = probe(seeds{.p = p, .eta = strength(draw)}, levels, x0_model{}).state[1];
      const std::size_t n = static_cast<std::size_t>(p);
      double variance = std::pow(x[0] * levels[0].sigma, 2), mean = x[0] * levels[0].alpha;
      for (std::size_t i = 1; i <= n; ++i) mean += x[i], variance += x[n + i] * x[n + i];
      const double size = size_of(x);
      CHECK(std::abs(variance - levels[1].sigma * levels[1].sigma) <= 1e-13 * levels[1].sigma * levels[1].sigma);
      CHECK(std::abs(mean - levels[1].alpha) <= 1e-13 * size);
    }
}

TEST_CASE("without noise it is singlestep, and of order 1 it is ddim with as much") {
  std::mt19937 draw(73);
  for (int k = 0; k < 100; ++k) {
    const grid levels = random_grid(draw, 3);
    for (int p = 1; p <= 3; ++p)
      for (const slope form : {slope::midpoint, slope::heun}) {
        CHECK(probe(seeds{.p = p, .eta = 0, .form = form}, levels, x0_model{}).state == probe(singlestep{.p = p, .form = form}, levels, x0_model{}).state);
        CHECK(probe(seeds{.p = p, .eta = 0, .form = form, .target = prediction::eps}, levels, eps_model{}).state ==
              probe(singlestep{.p = p, .form = form, .target = prediction::eps}, levels, eps_model{}).state);
      }
    const row one = probe(seeds{.p = 1}, levels, x0_model{}).state[3], same = probe(ddim{.eta = 1}, levels, x0_model{}).state[3];
    CHECK(far_apart(one, same) <= 1e-13 * size_of(same));
  }
}

TEST_CASE("the drift has order p in both forms, and 2 where r2 is not 2/3") {
  const noise_path vp = vp_linear{}, ve_path = ve{}, straight = flow{};
  for (int p = 1; p <= 3; ++p)
    for (const prediction target : {prediction::x0, prediction::eps})
      for (const slope form : {slope::midpoint, slope::heun}) {
        INFO("p = " << p << (target == prediction::x0 ? ", data" : ", noise") << (form == slope::heun ? ", heun" : ", midpoint"));
        CHECK(drift_order(seeds{.p = p, .form = form, .target = target}, 1, vp, 0.6, 0.05) == Approx(p).margin(0.15));
        CHECK(drift_order(seeds{.p = p, .form = form, .target = target}, 1, ve_path, 5, 0.1) == Approx(p).margin(0.15));
      }
  CHECK(drift_order(seeds{.p = 3, .eta = 0.5}, 0.5, straight, 0.8, 0.1) == Approx(3).margin(0.15));
  CHECK(drift_order(seeds{.p = 3, .r1 = 0.5, .r2 = 0.9}, 1, vp, 0.6, 0.05) == Approx(2).margin(0.15));
}

TEST_CASE("the variance on normal data converges with order 1, 2 and 2, on every path") {
  struct {
    noise_path path;
    double noisy, clean;
  } const runs[] = {{vp_linear{}, 0.8, 0.02}, {ve{}, 20, 0.05}, {flow{}, 0.95, 0.05}};
  for (const auto& on : runs) {
    CHECK(order_in_law(seeds{.p = 1}, on.path, on.noisy, on.clean, 160) == Approx(1).margin(0.15));
    CHECK(order_in_law(seeds{}, on.path, on.noisy, on.clean, 160) == Approx(2).margin(0.15));
    CHECK(order_in_law(seeds{.form = slope::heun, .r1 = 1}, on.path, on.noisy, on.clean, 160) == Approx(2).margin(0.15));
    CHECK(order_in_law(seeds{.p = 3}, on.path, on.noisy, on.clean, 160) == Approx(2).margin(0.15));
    CHECK(order_in_law(seeds{.p = 3, .target = prediction::eps}, on.path, on.noisy, on.clean, 160) == Approx(2).margin(0.15));
  }
  CHECK(std::abs(variance_ratio(seeds{.p = 3}, uniform_lambda(flow{}, {.from = 0.95, .to = 0.05, .count = 20}), 0.6) - 1) < 0.003);
  CHECK(std::abs(variance_ratio(seeds{.p = 1}, uniform_lambda(flow{}, {.from = 0.95, .to = 0.05, .count = 20}), 0.6) - 1) > 0.2);
}

TEST_CASE("each stage draws the part of the path since the one before, on the clock of its form") {
  const grid levels = at_lambdas({-0.6, 0.9});
  const auto parts = [&](const seeds& how) {
    const plan made = how.target == prediction::x0 ? compile(how, levels, x0_model{}) : compile(how, levels, eps_model{});
    return std::vector<noise_interval>(made.noise_intervals().begin(), made.noise_intervals().end());
  };
  const double at[] = {-0.6, -0.1, 0.4, 0.9};
  const std::vector<noise_interval> data = parts({.p = 3, .eta = 0.5}), noise = parts({.p = 3, .target = prediction::eps});
  REQUIRE(data.size() == 3);
  REQUIRE(noise.size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(data[k].from == Approx(at[k]).epsilon(1e-13));
    CHECK(data[k].to == Approx(at[k + 1]).epsilon(1e-13));
    CHECK(noise[k].from == Approx(-2 * at[k + 1]).epsilon(1e-13));
    CHECK(noise[k].to == Approx(-2 * at[k]).epsilon(1e-13));
  }
}

TEST_CASE("a step to sigma = 0 draws nothing; from alpha = 0 all noise is new") {
  const probe p(seeds{.p = 3}, from_times(flow{}, std::vector<double>{1, 0.5, 0}), x0_model{});
  CHECK(p.made.noises() == 1);
  CHECK(p.state[1] == row{0, 0.5, 0, 0.5});
  CHECK(p.state[2] == row{0, 0, 1, 0});
}

TEST_CASE("seeds: options that make no sense are refused") {
  const auto refusal = [](const seeds& how) { return std::string(how.check()->what()); };
  CHECK_FALSE(seeds{.p = 3, .eta = 2}.check());
  CHECK(refusal({.p = 0}) == "seeds: order p is 0, needs 1 to 3");
  CHECK(refusal({.r1 = 1.5}) == "seeds: r1 is 1.5, needs 0 (the usual one) or a number from 0.0001 to 1");
  CHECK(refusal({.r2 = 0}) == "seeds: r2 is 0, needs a number from 0.0001 to 1");
  CHECK(refusal({.p = 3, .r1 = 0.7}).substr(0, 27) == "seeds: r1 is 0.7 where r2 i");
  CHECK(refusal({.eta = -1}) == "seeds: eta is -1, needs a number from 0 to 1000000");
  CHECK(refusal({.s_noise = -1}) == "seeds: s_noise is -1, needs a number from 0 to 1000000");
  CHECK(refusal({.ends = ramp::given({3})}) == "seeds: ramp.orders[0] is 3, needs 1 to 2");
  const auto back = try_compile(seeds{}, at_lambdas({1, 0}), x0_model{});
  REQUIRE_FALSE(static_cast<bool>(back));
  CHECK(std::string(back.reason()->what()).find("seeds: eta is 1 on a step towards noise, needs 0") == 0);
}
