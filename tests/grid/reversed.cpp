// SPDX-License-Identifier: MIT
#include "diffode/grid/reversed.hpp"

#include "diffode/grid/uniform_time.hpp"
#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("reversed: the same levels, from data to noise and back") {
  const grid g = uniform_time(flow{}, {1, 0, 4});
  const grid r = reversed(g);
  CHECK(times(r) == column{0, 0.25, 0.5, 0.75, 1});
  CHECK_FALSE(r.denoises());
  CHECK(times(reversed(r)) == times(g));
  CHECK(reversed(uniform_time(flow{}, {1, 0.5, 3, ending::repeat})).steps() == 3);
}
