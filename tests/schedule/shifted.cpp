// SPDX-License-Identifier: MIT
#include "diffode/schedule/shifted.hpp"

#include "diffode/schedule/noise_path.hpp"
#include "diffode/schedule/vp_cosine.hpp"
#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("shifted: sigma is s u/(1 + (s - 1) u) on flow, told to the model as it is") {
  for (const double u : {0.001, 0.1, 0.25, 0.5, 0.75, 0.999}) {
    const level<> l = shifted_by(3).at(u);
    CHECK(off(l.sigma, 3 * u / (1 + 2 * u)) < 4e-15);
    CHECK(off(l.alpha, (1 - u) / (1 + 2 * u)) < 4e-15);
    CHECK(l.t == u);
    CHECK(l.label == l.sigma);
  }
}

TEST_CASE("shifted: exponential and linear shifts meet their formulas, with and without a power") {
  for (const double u : {0.01, 0.3, 0.7, 0.99}) {
    for (const double p : {1.0, 1.7}) {
      shifted<> s = shifted_exponential(0.8);
      s.power = p;
      CHECK(off(s.at(u).sigma, std::exp(0.8) / (std::exp(0.8) + std::pow(1 / u - 1, p))) < 1e-14);
      s = shifted_linear(1.8);
      s.power = p;
      CHECK(off(s.at(u).sigma, 1.8 / (1.8 + std::pow(1 / u - 1, p))) < 1e-14);
    }
    CHECK(off(shifted_by(2.5).at(u).sigma, shifted_exponential(std::log(2.5)).at(u).sigma) < 1e-15);
  }
}

TEST_CASE("shifted: at_lambda inverts at") {
  CHECK(worst_inverse(shifted_by(3), 0, 1) < 2e-15);
  CHECK(worst_inverse(shifted_exponential(1.15), 0, 1) < 2e-15);
  CHECK(worst_inverse(shifted<>{.amount = 5, .power = 1.3}, 0, 1) < 2e-15);
  CHECK(worst_inverse(shifted_by(4.0, vp_cosine{}), 0, 0.9946) < 1e-14);
  check_lambda(shifted_by(3));
}

TEST_CASE("shifted: the ends stay where they are") {
  check_clean_end(shifted_by(3));
  CHECK(shifted_by(3).at(1).sigma == 1);
  CHECK(shifted_by(3).at(1).alpha == 0);
  CHECK(shifted_by(3).at(0).sigma == 0);
  CHECK(shifted_by(3).at_lambda(-infinity).t == 1);
}

TEST_CASE("shifted: one shift shifts once, and a shift around a shift shifts twice") {
  const auto once = shifted_by(3);
  const auto twice = shifted_by(3, shifted_by(3));
  for (const double u : {0.1, 0.5, 0.9}) {
    CHECK(off(once.at(u).sigma, 3 * u / (1 + 2 * u)) < 4e-15);
    CHECK(off(twice.at(u).sigma, 9 * u / (1 + 8 * u)) < 4e-15);
    CHECK(twice.at(u).label == twice.at(u).sigma);
    CHECK(std::abs(twice.at_lambda(twice.at(u).lambda).t - u) < 1e-15);
    // The level found again by its lambda is the same level: looking it up does not shift it once more.
    CHECK(off(once.at_lambda(once.at(u).lambda).sigma, once.at(u).sigma) < 1e-15);
  }
}

TEST_CASE("shifted: mu follows the token count along a line") {
  CHECK(mu_of_tokens(256) == 0.5);
  CHECK(off(mu_of_tokens(4096), 1.15) < 1e-15);
  CHECK(off(mu_of_tokens(1024), 0.5 + 0.65 * 768 / 3840) < 1e-15);
  CHECK(off(mu_of_tokens(4096, {.tokens_low = 1024, .mu_low = 0.95, .mu_high = 2.05}), 2.05) < 1e-15);
}

TEST_CASE("shifted: refusals name argument, value and what is allowed") {
  CHECK(message(shifted_by(3).check()) == "no fault");
  CHECK(message(shifted_by(0).check()) == "shifted: factor is 0, needs a finite number above 0");
  CHECK(message(shifted_by(-3).check()) == "shifted: factor is -3, needs a finite number above 0");
  CHECK(message(shifted_linear(not_a_number).check()) == "shifted: mu is nan, needs a finite number above 0");
  CHECK(message(shifted_exponential(infinity).check()) == "shifted: mu is inf, needs a finite number");
  CHECK(message(shifted<>{.power = 0}.check()) == "shifted: power is 0, needs a finite number above 0");
  CHECK(message(shifted_by(3, vp_cosine{.offset = -1}).check()) ==
        "vp_cosine: offset is -1, needs a finite number above 0");
  CHECK(message(try_mu_of_tokens(-5)) == "mu_of_tokens: tokens is -5, needs a finite number above 0");
  CHECK(message(try_mu_of_tokens(5, {.tokens_high = 256})) ==
        "mu_of_tokens: tokens_high is 256, needs a number above tokens_low = 256");
}
