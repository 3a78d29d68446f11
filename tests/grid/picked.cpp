// SPDX-License-Identifier: MIT
#include "diffode/grid/picked.hpp"

#include "diffode/grid/uniform_time.hpp"
#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("picked: the levels at these indices") {
  const grid g = uniform_time(flow{}, {1, 0, 4});
  CHECK(times(picked(g, std::vector{0, 2, 4})) == column{1, 0.5, 0});
}

TEST_CASE("picked: refusals name argument, value and what is allowed") {
  const grid g = uniform_time(flow{}, {1, 0, 4});
  const auto with = [&](std::vector<int> at) { return message(try_picked(g, at)); };
  CHECK(with({0, 5}) == "picked: index 1 is 5, needs an integer from 0 to 4");
  CHECK(with({-1, 3}) == "picked: index 0 is -1, needs an integer from 0 to 4");
  CHECK(with({}) == "picked: number of levels is 0, needs at least 2 (one step)");
  CHECK(with({2}) == "picked: number of levels is 1, needs at least 2 (one step)");
  CHECK_THAT(with({0, 2, 2}), ends_with("levels must not repeat or turn"));
}
