// SPDX-License-Identifier: MIT
#include "diffode/grid/capped.hpp"

#include "diffode/grid/flow_uniform.hpp"
#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("capped: the level above the cap is lowered to it, the others stay") {
  const grid g = flow_uniform(flow{}, {.count = 4});
  CHECK(off(sigmas(capped(g, 0.9)), {0.9, 0.75, 0.5, 0.25, 0}) < 1e-15);
  CHECK(sigmas(capped(flow_uniform(flow{}, {.count = 2, .first = 0.5}), 0.9)) == column{0.5, 0.25, 0});
  CHECK(message(try_capped(g, 1)) == "capped: sigma is 1, needs a number above 0 and below 1");
  CHECK(message(try_capped(g, not_a_number)) == "capped: sigma is nan, needs a number above 0 and below 1");
  CHECK(message(try_capped(g, 0.6)) ==
        "capped: sigma is 0.6, below 2 levels of the grid, needs at most one level above it");
}
