// SPDX-License-Identifier: MIT
#include "diffode/grid/bong_tangent.hpp"

#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

grid on_flow(int n, ending end = ending::zero) {
  return bong_tangent(flow{}, {.sigma_min = 0, .count = n, .end = end, .meaning = sigma_meaning::share});
}

/// Both stages as they are published: with the arctangent scaled to 0..1 before its ends are moved.
column published(int n) {
  const double pi = std::acos(-1.0);
  const int all = n + 2, first = static_cast<int>(all * 0.6);
  const double slope = 0.2 / (all / 40.0);
  const auto stage = [&](int points, double pivot, double start, double end) {
    const auto v = [&](double x) { return ((2 / pi) * std::atan(-slope * (x - pivot)) + 1) / 2; };
    column c;
    for (int x = 0; x < points; ++x) c.push_back((v(x) - v(points - 1)) / (v(0) - v(points - 1)) * (start - end) + end);
    return c;
  };
  column c = stage(first, first, 1, 0.5);
  c.pop_back();
  for (const double s : stage(all - first, 0, 0.5, 0)) c.push_back(s);
  c.back() = 0;
  return c;
}

}  // namespace

TEST_CASE("bong_tangent: the sigmas of the published formula") {
  for (const int n : {2, 3, 4, 5, 6, 7, 8, 20, 30}) CHECK(off(sigmas(on_flow(n)), published(n)) < 1e-14);
}

TEST_CASE("bong_tangent: steps grow to the middle and shrink after it") {
  const column s = sigmas(on_flow(30));
  const std::size_t middle = static_cast<std::size_t>(32 * 0.6) - 1;
  CHECK(std::abs(s[middle] - 0.5) < 1e-15);
  for (std::size_t i = 1; i + 1 < s.size(); ++i)
    if (i != middle) CHECK(((s[i] - s[i + 1] > s[i - 1] - s[i]) == (i < middle)));
}

TEST_CASE("bong_tangent: every count goes from sigma_max to the ending") {
  check_counts([](int n) { return on_flow(n); }, -infinity, infinity);
  check_counts([](int n) { return on_flow(n, ending::keep); }, -infinity, infinity);
  CHECK(sigmas(on_flow(1)) == column{1, 0});
  const double top = table().at(999).lambda;
  check_counts([](int n) { return bong_tangent(table(), {.count = n}); }, top, infinity);
  check_counts([](int n) { return bong_tangent(table(), {.count = n, .end = ending::keep}); }, top,
               table().at(0).lambda);
}

TEST_CASE("bong_tangent: refusals name argument, value and what is allowed") {
  const auto with = [](sigma_steps o, bong_tangent_shape s = {}) { return message(try_bong_tangent(table(), o, s)); };
  CHECK(with({.count = 0}) == "bong_tangent: count is 0, needs at least 1");
  CHECK(with({.sigma_min = -1, .count = 4}) == "bong_tangent: sigma_min is -1, needs a finite number not below 0");
  CHECK(with({.sigma_max = 1, .sigma_min = 1, .count = 4}) ==
        "bong_tangent: sigma_min is 1, needs a number below sigma_max = 1");
  CHECK(with({.count = 4}, {.pivot = 1}) == "bong_tangent: pivot is 1, needs a number above 0 and below 1");
  CHECK(with({.count = 4}, {.slope = 0}) == "bong_tangent: slope is 0, needs a finite number above 0");
  CHECK(with({.count = 4}, {.middle = not_a_number}) ==
        "bong_tangent: middle is nan, needs a number above 0 and below 1");
  for (const double pivot : {0.01, 0.99}) CHECK(with({.count = 8}, {.pivot = pivot}) == "no fault");
}
