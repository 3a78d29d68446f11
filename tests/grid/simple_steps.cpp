// SPDX-License-Identifier: MIT
#include "diffode/grid/simple_steps.hpp"

#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("simple_steps: steps T - 1 - floor(i T/n), then sigma = 0") {
  CHECK(labels(simple_steps(table(), 4)) == column{999, 749, 499, 249, 0});
  CHECK(labels(simple_steps(table(), 3)) == column{999, 666, 333, 0});
  CHECK(simple_steps(table(), 3).back().sigma == 0);
  check_counts([](int n) { return simple_steps(table(), n); }, table().at(999).lambda, infinity);
}

TEST_CASE("simple_steps: refusals name argument, value and what is allowed") {
  CHECK(message(try_simple_steps(table(), 0)) == "simple_steps: count is 0, needs an integer from 1 to 1000");
  CHECK(message(try_simple_steps(table(), 1001)) ==
        "simple_steps: count is 1001, needs an integer from 1 to 1000");
  CHECK(message(try_simple_steps(table(), 1000, ending::keep)) ==
        "simple_steps: count is 1000, needs an integer from 1 to 999");
  CHECK(message(try_simple_steps(table(), 3, ending::at(-2))) ==
        "simple_steps: ending is at sigma -2, needs a finite number not below 0");
  CHECK(message(try_simple_steps(discrete{}, 3)) == "discrete: number of entries is 0, needs at least 2");
}
