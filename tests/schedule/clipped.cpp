// SPDX-License-Identifier: MIT
#include "diffode/schedule/clipped.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

const beta_options stable_diffusion{.rule = beta_rule::scaled_linear, .first = 0.00085, .last = 0.012};

}  // namespace

TEST_CASE("clipped: entries with a lambda below the limit are gone") {
  const discrete d = clipped(discrete_from({.rule = beta_rule::squaredcos_cap_v2}, interpolation::log_alpha));
  CHECK(d.log_alpha.size() == 996);
  CHECK(d.at(995).lambda >= -5.1);
  CHECK(clipped(discrete_from(stable_diffusion)).log_alpha.size() == 1000);
}

TEST_CASE("clipped: refusals name argument, value and what is allowed") {
  CHECK_THAT(message(try_clipped(discrete_from({}), not_a_number)),
             starts_with("clipped: lambda_min is nan, needs a number not above "));
  CHECK_THAT(message(try_clipped(discrete_from({}), 100)), ends_with(" (two entries of the table)"));
}
