// SPDX-License-Identifier: MIT
#include "diffode/method/tcd.hpp"

#include "catch.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/lcm.hpp"
#include "diffode/schedule/discrete.hpp"
#include "method/law.hpp"

#include <limits>
#include <string>

using namespace diffode_test;

TEST_CASE("on a table it is strategic stochastic sampling in its own words, with whole indices and without") {
  const discrete table = discrete_from({});
  for (const double gamma : {0.2, 0.3, 0.75, 1.})
    for (const bool floored : {false, true})
      for (const double from : {999., 500.})
        for (const double to : {480., 33., 7.}) {
          const grid levels = from_times(table, std::vector<double>{from, to});
          const level<>&s = levels[0], &t = levels[1];
          const level<> below = table.at(floored ? std::floor((1 - gamma) * to) : (1 - gamma) * to);
          // eps model: x0 = (x - sigma_s m)/alpha_s, x_below = alpha x0 + sigma m, then noise back up.
          const double back = t.alpha / below.alpha, fresh = 1 - std::pow(back, 2);
          const row x = probe(tcd{.gamma = gamma, .floored = floored}, levels, eps_model{}).state[1];
          CHECK(x[0] == Approx(back * below.alpha / s.alpha).epsilon(1e-13));
          CHECK(x[1] == Approx(back * (below.sigma - below.alpha * s.sigma / s.alpha)).epsilon(1e-12));
          // 1 - abar_t/abar_s' loses up to 1/fresh of its digits, 1e3 at the lowest index.
          CHECK(x[2] == Approx(std::sqrt(fresh)).epsilon(1e-11));
        }
}

TEST_CASE("what is not data has the variance of the target's noise, on every path") {
  std::mt19937 draw(81);
  std::uniform_real_distribution<double> share(0.01, 1);
  for (int k = 0; k < 300; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const row x = probe(tcd{.gamma = share(draw)}, levels, x0_model{}).state[1];
    CHECK(std::pow(x[0] * s.sigma, 2) + x[2] * x[2] == Approx(t.sigma * t.sigma).epsilon(1e-12));
    CHECK(std::abs(x[0] * s.alpha + x[1] - t.alpha) <= 1e-13 * (t.alpha + x[0] * s.alpha));
  }
}

TEST_CASE("gamma = 0 is ddim, gamma = 1 goes by way of x0 as lcm does where time 0 is clean") {
  std::mt19937 draw(82);
  for (int k = 0; k < 50; ++k) {
    const grid levels = random_grid(draw, 3);
    CHECK(compile(tcd{.gamma = 0}, levels, v_model{}).fingerprint() == compile(ddim{}, levels, v_model{}).fingerprint());
    const probe whole(tcd{.gamma = 1}, levels, x0_model{}), by_x0(lcm{}, levels, x0_model{});
    for (std::size_t i = 0; i < whole.state[3].size(); ++i) CHECK(whole.state[3][i] == Approx(by_x0.state[3][i]).margin(1e-14).epsilon(1e-14));
  }
  CHECK(tcd{.gamma = 0}.order() == 1);
  CHECK(tcd{}.order() == 0);
}

TEST_CASE("steps to sigma = 0 and to time 0 are ddim's") {
  const probe clean(tcd{}, from_sigmas(ve{}, std::vector<double>{2, 0}), x0_model{});
  CHECK_FALSE(clean.made.uses_noise());
  CHECK(clean.state[1] == row{0, 1});
  const grid levels = from_times(discrete_from({}), std::vector<double>{499, 0});
  const probe last(tcd{}, levels, eps_model{}), plain(ddim{}, levels, eps_model{});
  CHECK(last.state[1][0] == Approx(plain.state[1][0]).epsilon(1e-14));
  CHECK(last.state[1][1] == Approx(plain.state[1][1]).epsilon(1e-14));
  CHECK(last.state[1][2] == 0);
}

TEST_CASE("from alpha = 0 the jump starts from pure noise") {
  const row x = probe(tcd{.gamma = 0.5}, from_times(flow{}, std::vector<double>{1, 0.6}), x0_model{}).state[1];
  const double down = 0.3, back = 0.4 / 0.7;
  CHECK(x[0] == Approx(back * down).epsilon(1e-14));
  CHECK(x[1] == Approx(0.4).epsilon(1e-14));
  CHECK(x[2] == Approx(std::sqrt(0.36 - back * back * down * down)).epsilon(1e-14));
}

namespace {

/// A path whose time runs from noise to data.
struct backwards {
  static constexpr std::string_view name = "backwards";
  level<> at(double t) const {
    level<> l = flow{}.at(1 - t);
    l.t = l.label = t;
    return l;
  }
  level<> at_lambda(double lambda) const { return at(1 - flow{}.at_lambda(lambda).t); }
  time_range range() const { return {1, 0}; }
  fault check() const { return {}; }
};

}  // namespace

TEST_CASE("wrong options are refused, and paths whose time 0 is not clean") {
  CHECK_FALSE(tcd{}.check());
  CHECK(tcd{.gamma = 1.5}.check()->what() == std::string("tcd: gamma is 1.5, needs a number from 0 to 1"));
  CHECK(tcd{.gamma = std::numeric_limits<double>::quiet_NaN()}.check()->what() == std::string("tcd: gamma is nan, needs a number from 0 to 1"));
  const auto made = try_compile(tcd{}, from_times(backwards{}, std::vector<double>{0.2, 0.6}), x0_model{});
  REQUIRE_FALSE(made);
  CHECK(made.reason()->what() == std::string("tcd: the level at time (1 - gamma) t is noisier than that at t, needs a schedule in whose time 0 is clean"));
}
