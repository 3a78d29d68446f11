// SPDX-License-Identifier: MIT
#include "diffode/grid/uniform_lambda.hpp"

#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("uniform_lambda: lambda is equidistant, and both ends are exact") {
  const vp_linear s;
  const grid g = uniform_lambda(s, {1, 1e-3, 10});
  const double first = s.at(1).lambda, last = s.at(1e-3).lambda;
  for (std::size_t i = 0; i <= 10; ++i)
    CHECK(std::abs(g[i].lambda - (first + (last - first) * static_cast<double>(i) / 10)) < 4e-15);
  CHECK(std::abs(g[5].t - 0.304631409768778) < 1e-14);
  check_counts([&](int n) { return uniform_lambda(s, {1, 1e-3, n}); }, first, last);
  check_counts([&](int n) { return uniform_lambda(s, {1e-3, 1, n}); }, last, first);
  check_counts([&](int n) { return uniform_lambda(s, {1, 1e-3, n, ending::zero}); }, first, infinity);
}

TEST_CASE("uniform_lambda: refusals name argument, value and what is allowed") {
  const auto with = [](time_steps o) { return message(try_uniform_lambda(flow{}, o)); };
  CHECK(with({0.9, 0.1, 0}) == "uniform_lambda: count is 0, needs at least 1");
  CHECK(with({2, 0.1, 3}) == "uniform_lambda: from is 2, needs a time of flow, from 0 to 1");
  CHECK(with({1, 0.1, 3}) ==
        "uniform_lambda: from is 1, where lambda is -inf, needs a time with alpha and sigma above 0");
  CHECK(with({0.9, 0, 3}) ==
        "uniform_lambda: to is 0, where lambda is inf, needs a time with alpha and sigma above 0");
}
