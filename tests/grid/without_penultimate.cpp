// SPDX-License-Identifier: MIT
#include "diffode/grid/without_penultimate.hpp"

#include "diffode/grid/flow_uniform.hpp"
#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("without_penultimate: the last level but one is gone, the others stay") {
  CHECK(sigmas(without_penultimate(flow_uniform(flow{}, {.count = 4}))) == column{1, 0.75, 0.5, 0});
  for (const int n : small_counts) {
    const grid g = without_penultimate(flow_uniform(flow{}, {.count = n + 1}));
    CHECK(g.steps() == static_cast<std::size_t>(n));
    CHECK(g.front().sigma == 1);
    CHECK(g.back().sigma == 0);
  }
  CHECK(message(try_without_penultimate(flow_uniform(flow{}, {.count = 1}))) ==
        "without_penultimate: number of steps is 1, needs at least 2");
}
