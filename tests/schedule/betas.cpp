// SPDX-License-Identifier: MIT
#include "diffode/schedule/betas.hpp"

#include "diffode/schedule/discrete.hpp"
#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

const beta_options stable_diffusion{.rule = beta_rule::scaled_linear, .first = 0.00085, .last = 0.012};

}  // namespace

TEST_CASE("betas: each rule meets its definition") {
  CHECK(betas({}).front() == 1e-4);
  CHECK(betas({}).back() == 0.02);
  CHECK(off(betas(stable_diffusion).back(), 0.012) < 1e-15);
  const double middle = (std::sqrt(0.00085) + std::sqrt(0.012)) / 2;
  CHECK(off(betas({beta_rule::scaled_linear, 0.00085, 0.012, 3})[1], middle * middle) < 1e-15);
  CHECK(off(betas({.rule = beta_rule::sigmoid, .count = 3})[1], 1e-4 + 0.0199 / 2) < 1e-15);
  CHECK(off(betas({.rule = beta_rule::sigmoid, .count = 3})[0], 1e-4 + 0.0199 / (1 + std::exp(6.0))) < 1e-15);
  CHECK(off(betas({.rule = beta_rule::exp})[500], 1 - std::exp(-0.012)) < 1e-13);
  CHECK(betas({.rule = beta_rule::squaredcos_cap_v2})[999] == 0.999);
  const auto f = [](double u) { return std::pow(std::cos((u + 0.008) / 1.008 * std::acos(-1.0) / 2), 2); };
  CHECK(off(betas({.rule = beta_rule::squaredcos_cap_v2})[300], 1 - f(0.301) / f(0.3)) < 1e-12);
  for (const beta_rule rule : {beta_rule::linear, beta_rule::scaled_linear, beta_rule::squaredcos_cap_v2,
                               beta_rule::sigmoid, beta_rule::exp, beta_rule::laplace})
    for (const int count : {2, 3, 10, 1000, 4000})
      CHECK(message(try_discrete_from({.rule = rule, .count = count})) == "no fault");
}

TEST_CASE("betas: refusals name argument, value and what is allowed") {
  CHECK(message(try_betas({.count = 0})) == "betas: count is 0, needs at least 2");
  CHECK(message(try_betas({.count = -4})) == "betas: count is -4, needs at least 2");
  CHECK(message(try_betas({.first = not_a_number})) ==
        "betas: first is nan, needs a number above 0 and below 1");
  CHECK(message(try_betas({.first = -1})) == "betas: first is -1, needs a number above 0 and below 1");
  CHECK(message(try_betas({.last = 1})) == "betas: last is 1, needs a number above 0 and below 1");
  CHECK(message(try_betas({.cap = 0})) == "betas: cap is 0, needs a number above 0 and below 1");
  CHECK(message(try_betas({.first = 0.5, .last = 0.25})) ==
        "betas: last is 0.25, needs a number not below first = 0.5");
}
