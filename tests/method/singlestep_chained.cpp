// SPDX-License-Identifier: MIT
#include "diffode/method/singlestep_chained.hpp"

#include "catch.hpp"
#include "diffode/grid/budget.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/seeds.hpp"
#include "diffode/method/singlestep.hpp"
#include "method/drift.hpp"
#include "method/law.hpp"

#include <string>

using namespace diffode_test;

namespace {

void check_near(const row& a, const row& b, double allowed) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(std::abs(a[k] - b[k]) <= allowed);
}

double size_of(const row& a) {
  double size = 1;
  for (const double v : a) size += std::abs(v);
  return size;
}

/// Levels with a point in the middle of each step, and the steps alone.
struct halved {
  grid fine, coarse;
};
halved random_halves(std::mt19937& draw, int steps) {
  std::uniform_real_distribution<double> length(0.1, 1);
  std::vector<double> fine{-1}, coarse{-1};
  for (int k = 0; k < steps; ++k) {
    const double h = length(draw);
    fine.push_back(fine.back() + h / 2);
    fine.push_back(coarse.back() + h);
    coarse.push_back(fine.back());
  }
  return {at_lambdas(fine, flow{}), at_lambdas(coarse, flow{})};
}

/// All coefficients of a run over `count` equal steps in lambda.
std::vector<row> states(const singlestep_chained& how, int count) {
  std::vector<double> lambdas{-2};
  for (int i = 0; i < count; ++i) lambdas.push_back(lambdas.back() + 0.3);
  return probe(how, at_lambdas(lambdas), x0_model{}).state;
}

/// The same with orders given by hand.
std::vector<row> by_hand(int p, const std::vector<int>& orders) {
  return states({.p = p, .ends = ramp::given(orders)}, static_cast<int>(orders.size()));
}

}  // namespace

TEST_CASE("with points in the middle of its steps, order 2 is DPM-Solver-2 and DPM-Solver++ 2S") {
  std::mt19937 draw(81);
  for (int k = 0; k < 100; ++k) {
    const halved g = random_halves(draw, 3);
    for (const slope form : {slope::midpoint, slope::heun}) {
      const row data = probe(singlestep{.form = form}, g.coarse, x0_model{}).state[3];
      check_near(probe(singlestep_chained{.form = form}, g.fine, x0_model{}).state[6], data, 1e-13 * size_of(data));
      const row noise = probe(singlestep{.form = form, .target = prediction::eps}, g.coarse, eps_model{}).state[3];
      check_near(probe(singlestep_chained{.form = form, .target = prediction::eps}, g.fine, eps_model{}).state[6], noise, 1e-13 * size_of(noise));
    }
  }
}

TEST_CASE("and with noise it is SEEDS-2, draw by draw") {
  std::mt19937 draw(82);
  for (int k = 0; k < 100; ++k) {
    const halved g = random_halves(draw, 3);
    for (const slope form : {slope::midpoint, slope::heun}) {
      const row wanted = probe(seeds{.form = form}, g.coarse, x0_model{}).state[3];
      check_near(probe(singlestep_chained{.form = form, .eta = 1}, g.fine, x0_model{}).state[6], wanted, 1e-13 * size_of(wanted));
    }
  }
}

TEST_CASE("an update of order 3 weighs the three evaluations of its round by where they lie") {
  const grid levels = at_lambdas({0, 0.15, 0.35, 0.5});
  for (const prediction form : {prediction::x0, prediction::eps}) {
    const std::vector<double> g = g_of(form, 0.5);
    const double r1 = 0.3, r2 = 0.7, w2 = (2 * g[3] - r1 * g[2]) / (r2 * (r2 - r1)), w1 = (r2 * g[2] - 2 * g[3]) / (r1 * (r2 - r1));
    const auto last = [&](slope which) {
      const singlestep_chained how{.p = 3, .form = which, .target = form};
      row x = (form == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{})).state[3];
      if (form == prediction::eps)
        for (std::size_t k = 1; k < x.size(); ++k) x[k] /= -levels[3].sigma;
      return x;
    };
    const double A = form == prediction::x0 ? std::exp(-0.5) : 1;
    check_near(last(slope::heun), {A, g[1] - w1 - w2, w1, w2}, 1e-14);
    check_near(last(slope::midpoint), {A, g[1] - g[2] / r2, 0, g[2] / r2}, 1e-14);
  }
}

TEST_CASE("rounds are laid from the end; a list lays them where it says; short history lowers the order") {
  CHECK(states({.p = 3}, 6) == by_hand(3, {1, 2, 3, 1, 2, 3}));
  CHECK(states({.p = 3}, 7) == by_hand(3, {1, 1, 2, 3, 1, 2, 3}));
  CHECK(states({.p = 3}, 8) == by_hand(3, {1, 2, 1, 2, 3, 1, 2, 3}));
  CHECK(states({.p = 2}, 5) == by_hand(2, {1, 1, 2, 1, 2}));
  CHECK(states({.p = 1}, 3) == by_hand(1, {1, 1, 1}));
  CHECK(states({.p = 3, .ends = ramp::lowered()}, 6) == by_hand(3, {1, 2, 3, 1, 2, 1}));
  CHECK(states({.p = 3, .ends = ramp::euler_last()}, 6) == by_hand(3, {1, 2, 3, 1, 2, 1}));
  CHECK(by_hand(3, {3, 3, 2}) == by_hand(3, {1, 2, 2}));
  CHECK(by_hand(3, {1, 2, 3}) != by_hand(3, {1, 2, 2}));
  CHECK(by_hand(3, {1, 2, 3}) != by_hand(3, {1, 1, 2}));
  const std::vector<row> all = by_hand(3, chained_orders({.updates = 7, .order = 3})), listed = by_hand(3, {1, 2, 3, 1, 2, 3, 1});
  CHECK(all == listed);
}

TEST_CASE("steps to sigma = 0 and from alpha = 0 are of first order, and draw nothing at the end") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.7, 0.4, 0});
  const probe p(singlestep_chained{.p = 3, .eta = 1}, levels, x0_model{});
  CHECK(p.made.noises() == 2);
  CHECK(p.state[3] == row{0, 0, 0, 1, 0, 0});
  CHECK(p.state[1][0] == 0);
  CHECK(p.state[1][4] == Approx(0.7).epsilon(1e-15));
}

TEST_CASE("noise keeps its variance and a constant prediction is met, in any list of orders and both ways of drawing") {
  std::mt19937 draw(83);
  const std::vector<int> lists[] = {{1, 2, 3, 1, 2, 3}, {1, 1, 2, 2, 3, 1}, {1, 2, 2, 2, 1, 3}};
  for (int k = 0; k < 100; ++k)
    for (const std::vector<int>& list : lists)
      for (const bool redrawn : {false, true}) {
        const grid levels = random_grid(draw, 6);
        const probe p(singlestep_chained{.p = 3, .eta = 1, .redrawn = redrawn, .ends = ramp::given(list)}, levels, x0_model{});
        for (std::size_t i = 1; i <= 6; ++i) {
          const row& x = p.state[i];
          double mean = x[0] * levels[0].alpha, size = 1, variance = std::pow(x[0] * levels[0].sigma, 2);
          for (std::size_t m = 1; m <= 6; ++m) mean += x[m], size += std::abs(x[m]);
          for (std::size_t z = 7; z <= 12; ++z) variance += x[z] * x[z];
          CHECK(std::abs(mean - levels[i].alpha) <= 1e-12 * size);
          CHECK(std::abs(variance - std::pow(levels[i].sigma, 2)) <= 1e-12 * std::pow(levels[i].sigma, 2));
        }
      }
}

TEST_CASE("redrawn: each update has noise of its own alone, over the whole way from its round's start") {
  const grid levels = at_lambdas({0, 0.2, 0.5});
  const probe p(singlestep_chained{.eta = 1, .redrawn = true}, levels, x0_model{});
  CHECK(p.state[2][3] == 0);
  CHECK(p.state[2][4] == Approx(levels[2].sigma * std::sqrt(-std::expm1(-1.))).epsilon(1e-14));
  CHECK(p.made.noise_intervals()[1].from == Approx(0).margin(1e-15));
  CHECK(p.made.noise_intervals()[1].to == Approx(1).epsilon(1e-14));
  const probe shared(singlestep_chained{.eta = 1}, levels, x0_model{});
  CHECK(shared.made.noise_intervals()[1].from == Approx(0.4).epsilon(1e-14));
}

TEST_CASE("the drift has order p; the variance on normal data has order 2, and 1 redrawn; flipped never arrives") {
  const noise_path vp = vp_linear{}, straight = flow{};
  for (const slope form : {slope::midpoint, slope::heun}) {
    CHECK(drift_order(singlestep_chained{.form = form, .eta = 1}, 1, vp, 0.6, 0.05, 240) == Approx(2).margin(0.15));
    CHECK(drift_order(singlestep_chained{.p = 3, .form = form, .eta = 1}, 1, vp, 0.6, 0.05, 240) == Approx(3).margin(0.15));
    for (const int p : {2, 3}) CHECK(order_in_law(singlestep_chained{.p = p, .form = form, .eta = 1}, straight, 0.95, 0.05, 600) == Approx(2).margin(0.15));
  }
  CHECK(drift_order(singlestep_chained{.p = 3, .form = slope::heun, .eta = 1, .flipped = true}, 1, vp, 0.6, 0.05, 480) < 1.3);
  // A source of independent numbers, as the reference has.
  const auto independent = [](const noise_interval&, const noise_interval&) { return 0.; };
  const auto off = [&](const singlestep_chained& how, int n) {
    return std::abs(variance_ratio(how, uniform_lambda(straight, {.from = 0.95, .to = 0.05, .count = n}), 0.6, independent) - 1);
  };
  const singlestep_chained redrawn{.eta = 1, .redrawn = true}, flipped{.p = 3, .form = slope::heun, .eta = 1, .redrawn = true, .flipped = true};
  CHECK(std::log2(off(redrawn, 300) / off(redrawn, 600)) == Approx(1).margin(0.15));
  CHECK(off(redrawn, 20) > 2 * off({.eta = 1}, 20));
  CHECK(off(flipped, 300) > 1);
  CHECK(off(flipped, 600) > 1);
}

TEST_CASE("singlestep_chained: options that make no sense are refused") {
  const auto refusal = [](const singlestep_chained& how) { return std::string(how.check()->what()); };
  CHECK_FALSE(singlestep_chained{.p = 3, .form = slope::heun, .eta = 1, .redrawn = true, .flipped = true}.check());
  CHECK(refusal({.p = 4}) == "singlestep_chained: order p is 4, needs 1 to 3");
  CHECK(refusal({.eta = -1}) == "singlestep_chained: eta is -1, needs a number from 0 to 1000000");
  CHECK(refusal({.redrawn = true}) == "singlestep_chained: redrawn is true, needs false where eta is 0: nothing is drawn");
  CHECK(refusal({.p = 3, .eta = 1, .flipped = true}) ==
        "singlestep_chained: flipped is true, needs false except with p = 3, slope::heun, eta > 0 and target x0");
  CHECK(refusal({.ends = ramp::given({3})}) == "singlestep_chained: ramp.orders[0] is 3, needs 1 to 2");
}
