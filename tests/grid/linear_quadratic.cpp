// SPDX-License-Identifier: MIT
#include "diffode/grid/linear_quadratic.hpp"

#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("linear_quadratic: an even pace, then a parabola that takes over its value and slope") {
  const grid g = linear_quadratic(flow{}, {.count = 8, .threshold = 0.04});
  // x_i = 0.01 i for i <= 4; then 0.01 i + 0.92 ((i - 4)/4)^2.
  CHECK(off(sigmas(g), {1, 0.99, 0.98, 0.97, 0.96, 0.95 - 0.92 / 16, 0.94 - 0.92 / 4, 0.93 - 0.92 * 9 / 16, 0}) <
        1e-15);
  CHECK(labels(g) == sigmas(g));
}

TEST_CASE("linear_quadratic: the published formula, whose three coefficients are those of the same parabola") {
  for (const int n : {2, 3, 4, 5, 6, 7, 8, 30, 64}) {
    const double l = n / 2, q = n - n / 2, d = l - 0.025 * n, a = d / (l * q * q), b = 0.025 / l - 2 * d / (q * q);
    column wanted;
    for (int i = 0; i < n / 2; ++i) wanted.push_back(1 - i * 0.025 / l);
    for (int i = n / 2; i < n; ++i) wanted.push_back(1 - (a * i * i + b * i + a * l * l));
    wanted.push_back(0);
    CHECK(off(sigmas(linear_quadratic(flow{}, {.count = n})), wanted) < 1e-13);  // a i^2 and b i are up to 4 and cancel
  }
}

TEST_CASE("linear_quadratic: every count has its steps, from pure noise to clean data") {
  check_counts([](int n) { return linear_quadratic(flow{}, {.count = n}); }, -infinity, infinity);
  CHECK(sigmas(linear_quadratic(flow{}, {.count = 1})) == column{1, 0});
  CHECK(sigmas(linear_quadratic(flow{}, {.count = 6, .linear = 3})) == sigmas(linear_quadratic(flow{}, {.count = 6})));
  const grid vp = linear_quadratic(table(), {.count = 4, .sigma_max = 14, .meaning = sigma_meaning::ratio});
  CHECK(off(rhos(vp), {14, 14 * 0.9875, 14 * 0.975, 14 * (1 - 0.0375 - 0.95 / 4), 0}) < 1e-14);
}

TEST_CASE("linear_quadratic: refusals name argument, value and what is allowed") {
  const auto with = [](linear_quadratic_steps o) { return message(try_linear_quadratic(flow{}, o)); };
  CHECK(with({}) == "linear_quadratic: count is 0, needs at least 1");
  CHECK(with({.count = 2000000}) == "linear_quadratic: count is 2000000, needs at most 1000000");
  CHECK(with({.count = 4, .linear = 4}) == "linear_quadratic: linear is 4, needs an integer from 0 to 3");
  CHECK(with({.count = 4, .linear = -1}) == "linear_quadratic: linear is -1, needs an integer from 0 to 3");
  CHECK(with({.count = 3, .threshold = 0}) == "linear_quadratic: threshold is 0, needs a number above 0 and below 0.5");
  CHECK(with({.count = 4, .threshold = 0.5, .linear = 1}) ==
        "linear_quadratic: threshold is 0.5, needs a number above 0 and below 0.4");
  CHECK(with({.count = 1, .threshold = not_a_number}) ==
        "linear_quadratic: threshold is nan, needs a number above 0 and below 1");
  CHECK(with({.count = 4, .sigma_max = 2}) == "linear_quadratic: sigma_max is 2, needs a number from 0 to 1");
  CHECK(with({.count = 4, .sigma_max = 0}) == "linear_quadratic: sigma_max is 0, needs a number above 0");
  // Just inside the bound the parabola still falls.
  CHECK(with({.count = 4, .threshold = 0.399, .linear = 1}) == "no fault");
}
