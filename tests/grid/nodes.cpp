// SPDX-License-Identifier: MIT
#include "diffode/grid/nodes.hpp"

#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/grid/uniform_time.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("on_nodes: each level moves to the nearest node") {
  const vp_linear s;
  const lambda_nodes nodes{s.at(1).lambda, s.at(1e-3).lambda, 120};
  const grid g = uniform_time(s, {1, 1e-3, 10});
  CHECK(nearest_nodes(g, nodes) == std::vector<int>{0, 12, 23, 32, 40, 48, 54, 60, 67, 76, 120});
  const grid moved = on_nodes(g, nodes);
  for (std::size_t i = 0; i < g.size(); ++i)
    CHECK(std::abs(moved[i].lambda - g[i].lambda) <= 0.5 * (nodes.to - nodes.from) / 120 * (1 + 1e-12));
  const grid fixed = uniform_lambda(s, {1, 1e-3, 12});
  CHECK(off(times(on_nodes(fixed, nodes)), times(fixed)) < 1e-12);
}

TEST_CASE("on_nodes: refusals name argument, value and what is allowed") {
  const vp_linear s;
  const grid g = uniform_time(s, {1, 0.5, 10});
  const auto with = [&](lambda_nodes n) { return message(try_on_nodes(g, n)); };
  CHECK(with({-6, 2, 0}) == "nearest_nodes: count is 0, needs at least 1");
  CHECK(with({not_a_number, 2, 5}) == "nearest_nodes: from is nan, needs a finite number");
  CHECK(with({-6, -6, 5}) == "nearest_nodes: to is -6, needs a finite number that is not from = -6");
  CHECK_THAT(with({-2, 2, 5}), starts_with("nearest_nodes: lambda of level 0 is -5.0") &&
                                   ends_with(", needs a number from -2 to 2"));
  CHECK_THAT(with({-6, 6, 4}), ends_with("levels must not repeat or turn"));
}
