// SPDX-License-Identifier: MIT
#include "diffode/grid/smoothstep.hpp"

#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("smoothstep: the training steps at u^2 (3 - 2 u), halves away from 0") {
  CHECK(labels(smoothstep(table(), 1)) == column{999, 0});
  CHECK(labels(smoothstep(table(), 2)) == column{999, 500, 0});  // 499.5
  // 999 times 27/32 = 842.9, 1/2 = 499.5, 5/32 = 156.1
  CHECK(labels(smoothstep(table(), 4)) == column{999, 843, 500, 156, 0});
  CHECK(labels(smoothstep(table(), 4, ending::keep)) == column{999, 843, 500, 156, 0});
  CHECK(smoothstep(table(), 4).back().sigma == 0);
  CHECK(smoothstep(table(), 4, ending::keep).back().lambda == table().at(0).lambda);
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8, 50, 77})
    CHECK(smoothstep(table(), n).steps() == static_cast<std::size_t>(n));
}

TEST_CASE("smoothstep: a training step that comes twice is taken once") {
  // 999 (1 - 3/78^2 + 2/78^3) = 998.51 is the first to round to the step before it.
  CHECK(smoothstep(table(), 78).steps() == 77);
  CHECK(smoothstep(table(), 1000).steps() < 1000);
}

TEST_CASE("smoothstep: refusals name argument, value and what is allowed") {
  CHECK(message(try_smoothstep(table(), 0)) == "smoothstep: count is 0, needs at least 1");
  CHECK(message(try_smoothstep(table(), 1000001)) == "smoothstep: count is 1000001, needs at most 1000000");
  CHECK(message(try_smoothstep({}, 4)) == "discrete: number of entries is 0, needs at least 2");
  CHECK(message(try_smoothstep(table(), 4, ending::at(-1))) ==
        "smoothstep: ending is at sigma -1, needs a finite number not below 0");
}
