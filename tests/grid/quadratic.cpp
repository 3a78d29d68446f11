// SPDX-License-Identifier: MIT
#include "diffode/grid/quadratic.hpp"

#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("quadratic: the square roots of the times are equidistant, and both ends are exact") {
  CHECK(off(times(quadratic(flow{}, {1, 0, 4})), {1, 0.5625, 0.25, 0.0625, 0}) < 1e-15);
  const double a = 1, b = std::sqrt(1e-3);
  CHECK(off(times(quadratic(vp_linear{}, {1, 1e-3, 2})), {1, (a + b) * (a + b) / 4, 1e-3}) < 1e-15);
  const vp_linear s;
  check_counts([&](int n) { return quadratic(s, {1, 1e-3, n}); }, s.at(1).lambda, s.at(1e-3).lambda);
}

TEST_CASE("power_time: exponent 1 is uniform, 7 is denser at small times") {
  CHECK(off(times(power_time(flow{}, {1, 0.2, 4}, 1)), {1, 0.8, 0.6, 0.4, 0.2}) < 1e-15);
  CHECK(off(times(power_time(flow{}, {1, 0, 2}, 7)), {1, 1.0 / 128, 0}) < 1e-15);
  check_counts(
      [](int n) {
        return power_time(table(), {999, 0, n}, 1.5);
      },
      table().at(999).lambda, table().at(0).lambda);
}

TEST_CASE("quadratic and power_time: refusals name argument, value and what is allowed") {
  CHECK(message(try_quadratic(flow{}, {1, 0, 0})) == "quadratic: count is 0, needs at least 1");
  CHECK(message(try_quadratic(flow{}, {1, 3, 2})) == "quadratic: to is 3, needs a time of flow, from 0 to 1");
  CHECK(message(try_power_time(flow{}, {1, 0, 2}, 0)) ==
        "power_time: exponent is 0, needs a finite number above 0");
  CHECK(message(try_power_time(flow{}, {1, 0, 2}, not_a_number)) ==
        "power_time: exponent is nan, needs a finite number above 0");
  const discrete d = table(interpolation::log_alpha);
  CHECK(message(try_quadratic(d, {999, -0.5, 2})) == "quadratic: to is -0.5, needs a time not below 0");
  CHECK(message(try_quadratic(d, {-0.5, 999, 2})) == "quadratic: from is -0.5, needs a time not below 0");
}
