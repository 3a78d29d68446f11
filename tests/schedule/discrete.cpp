// SPDX-License-Identifier: MIT
#include "diffode/schedule/discrete.hpp"

#include "path_checks.hpp"

#include <array>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

const beta_options stable_diffusion{.rule = beta_rule::scaled_linear, .first = 0.00085, .last = 0.012};
constexpr interpolation every_rule[] = {interpolation::log_rho, interpolation::log_alpha, interpolation::rho};

}  // namespace

TEST_CASE("discrete: the noise levels of Stable Diffusion are the known ones") {
  const discrete d = discrete_from(stable_diffusion);
  CHECK(off(rho(d.at(999)), 14.614641229333637) < 1e-12);  // 14.6146; a product of 1000 factors: 1000 eps
  CHECK(off(rho(d.at(0)), 0.029167158151720367) < 1e-12);
  CHECK(off(rho(d.at(0.25)), 0.03181969272071707) < 1e-12);
  CHECK(off(rho(d.at(499.9)), 1.617738752486199) < 1e-12);
}

TEST_CASE("discrete: at an integer time every interpolation gives the table") {
  const std::vector<double> b = betas(stable_diffusion);
  for (const interpolation rule : every_rule) {
    const discrete d = discrete_from_betas(b, rule);
    double abar = 1, worst = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      abar *= 1 - b[i];
      const level<> l = d.at(static_cast<double>(i));
      worst = std::fmax(worst, off(l.alpha * l.alpha, abar));
      CHECK(l.alpha == std::exp(d.log_alpha[i]));
      CHECK(l.label == static_cast<double>(i));
    }
    CHECK(worst < 3e-13);  // the product above rounds twice per step, 1000 times
  }
}

TEST_CASE("discrete: between two entries each rule is linear in its own quantity") {
  const auto value = [](const level<>& l, interpolation rule) {
    return rule == interpolation::log_rho ? l.lambda
           : rule == interpolation::rho   ? rho(l)
                                          : std::log(l.alpha);
  };
  for (const interpolation rule : every_rule) {
    const discrete d = discrete_from(stable_diffusion, rule);
    for (const double j : {0.0, 17.0, 500.0, 998.0})
      for (const double w : {0.1, 0.5, 0.9}) {
        const double line = (1 - w) * value(d.at(j), rule) + w * value(d.at(j + 1), rule);
        CHECK(off(value(d.at(j + w), rule), line, 1e-3) < 2e-12);  // w itself is known to ulp(998)
      }
  }
}

// lambda is known to eps*|lambda| and one index is about 0.003 of it in the flattest part: 1e-13 of one index.
TEST_CASE("discrete: at_lambda inverts at for every rule and interpolation") {
  for (const interpolation between : every_rule) {
    for (const beta_rule rule : {beta_rule::linear, beta_rule::scaled_linear, beta_rule::squaredcos_cap_v2,
                                 beta_rule::sigmoid, beta_rule::exp, beta_rule::laplace}) {
      const discrete d = discrete_from({.rule = rule}, between);
      // Just inside: at the very end log_alpha reaches clean data, which at_lambda puts at t = 0.
      CHECK(worst_inverse(d, d.range().clean + 1e-6, d.range().noisy) < 1e-14);
      CHECK(worst_inverse(d, 0, 2) < 1e-12);
      CHECK(worst_level(d, 0, 999) < 1e-14);
      CHECK(worst_norm(d, 0, 999) < 1e-15);
      check_lambda(d);
    }
    CHECK(worst_inverse(discrete_from({.count = 2}, between), 0, 1) < 1e-12);
  }
}

TEST_CASE("discrete: beyond the ends times stop at the table, or are extrapolated with log_alpha") {
  for (const interpolation between : {interpolation::log_rho, interpolation::rho}) {
    const discrete d = discrete_from(stable_diffusion, between);
    CHECK(d.at(-3).t == 0);
    CHECK(d.at(2000).t == 999);
    CHECK(d.at_lambda(10).t == 0);
    CHECK(d.at_lambda(-10).t == 999);
    CHECK(d.at_lambda(-10).lambda == -10);
    CHECK(off(rho(d.at_lambda(-std::log(700.0))), 700) < 1e-14);
  }
  const discrete d = discrete_from(stable_diffusion, interpolation::log_alpha);
  const double a = d.log_alpha[0], slope = d.log_alpha[1] - a;
  CHECK(off(std::log(d.at(-0.5).alpha), a - 0.5 * slope) <
        1e-9);  // alpha is 1 - 2e-4: its log keeps 12 digits
  CHECK(off(d.range().clean, -a / slope) < 1e-13);
  CHECK(off(d.at_lambda(d.at(-0.5).lambda).t, -0.5) < 1e-12);
  CHECK(off(d.at_lambda(d.at(1004.5).lambda).t, 1004.5) < 1e-12);
  CHECK(d.at(-1).alpha == 1);
}

TEST_CASE("discrete: both ends of lambda") {
  for (const interpolation between : every_rule) check_clean_end(discrete_from(stable_diffusion, between));
  const level<> noise = discrete_from(stable_diffusion).at_lambda(-infinity);
  CHECK(noise.t == 999);
  CHECK(noise.alpha == 0);
}

TEST_CASE("discrete: abar in, abar out, and its last value may vanish") {
  const std::array abar{0.9, 0.5, 0.1, 0.0};
  for (const interpolation between : every_rule) {
    const discrete d = discrete_from_abar(abar, between);
    CHECK(off(d.at(1).alpha, std::sqrt(0.5)) < 1e-15);
    CHECK(d.at(3).alpha == 0);
    CHECK(d.at(3).sigma == 1);
    CHECK(d.at(3).lambda == -infinity);
    CHECK(off(d.at(2.25).alpha, 0.75 * std::sqrt(0.1)) < 1e-15);
    CHECK(worst_inverse(d, 0, 3) < 1e-15);
    CHECK(d.at_lambda(-infinity).t == 3);
    CHECK(d.at_lambda(-infinity).alpha == 0);
  }
}

TEST_CASE("discrete: refusals name argument, value and what is allowed") {
  const auto from_betas = [](std::vector<double> b) { return message(try_discrete_from_betas(b)); };
  CHECK(from_betas({}) == "discrete: number of betas is 0, needs at least 2");
  CHECK(from_betas({0.5}) == "discrete: number of betas is 1, needs at least 2");
  CHECK(from_betas({0.5, not_a_number}) == "discrete: beta 1 is nan, needs a number above 0 and below 1");
  CHECK(from_betas({0.5, 1}) == "discrete: beta 1 is 1, needs a number above 0 and below 1");
  CHECK(from_betas({-0.5, 0.1}) == "discrete: beta 0 is -0.5, needs a number above 0 and below 1");

  const auto from_abar = [](std::vector<double> a) { return message(try_discrete_from_abar(a)); };
  CHECK(from_abar({0.5}) == "discrete: number of abar is 1, needs at least 2");
  CHECK(from_abar({1, 0.5}) == "discrete: abar 0 is 1, needs a number above 0 and below 1");
  CHECK(from_abar({0.5, 0.5, 0.1}) ==
        "discrete: abar 1 is 0.5, needs a number above 0 and below 0.5 (the one before)");
  CHECK(from_abar({0.5, -0.1}) ==
        "discrete: abar 1 is -0.1, needs a number not below 0 and below 0.5 (the one before)");
  CHECK(from_abar({0.5, not_a_number}) ==
        "discrete: abar 1 is nan, needs a number not below 0 and below 0.5 (the one before)");

  CHECK(message(discrete{}.check()) == "discrete: number of entries is 0, needs at least 2");
  CHECK(message(discrete{{0, -1}}.check()) ==
        "discrete: ln alpha of entry 0 is 0, needs a finite number below 0");
  CHECK(message(discrete{{-1, -1}}.check()) ==
        "discrete: ln alpha of entry 1 is -1, needs a number below -1 (that of the entry before)");
  CHECK(message(discrete{{-1, -infinity, -infinity}}.check()) ==
        "discrete: ln alpha of entry 1 is -inf, needs a finite number below -1 (that of the entry before)");
}
