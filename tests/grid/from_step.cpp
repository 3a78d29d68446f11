// SPDX-License-Identifier: MIT
#include "diffode/grid/from_step.hpp"

#include "diffode/grid/uniform_time.hpp"
#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("from_step: the rest of the grid") {
  const grid g = uniform_time(flow{}, {1, 0, 4});
  CHECK(times(from_step(g, 0)) == times(g));
  CHECK(times(from_step(g, 1)) == column{0.75, 0.5, 0.25, 0});
  CHECK(times(from_step(g, 3)) == column{0.25, 0});
}

TEST_CASE("from_step: refusals name argument, value and what is allowed") {
  const grid g = uniform_time(flow{}, {1, 0, 4});
  CHECK(message(try_from_step(g, 4)) == "from_step: step is 4, needs an integer from 0 to 3");
  CHECK(message(try_from_step(g, -1)) == "from_step: step is -1, needs an integer from 0 to 3");
}
