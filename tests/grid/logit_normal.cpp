// SPDX-License-Identifier: MIT
#include "diffode/grid/logit_normal.hpp"

#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("normal_quantile: the distribution function gives the probability back, in both tails") {
  using detail::normal_quantile;
  for (const double p : {1e-300, 1e-100, 1e-20, 1e-5, 0.01, 0.2, 0.45, 0.499}) {
    const double z = normal_quantile(p, 1 - p), back = std::erfc(-z / std::sqrt(2.0)) / 2;
    // An error of one rounding in z is one of z^2 in the probability.
    CHECK(std::abs(back - p) < 2e-15 * p * (1 + z * z));
    CHECK(normal_quantile(1 - p, p) == -z);
  }
  CHECK(normal_quantile(3, 3) == 0);
  CHECK(normal_quantile(0, 1) == -infinity);
  CHECK(normal_quantile(1, 0) == infinity);
  CHECK(std::abs(normal_quantile(39, 1) - 1.959963984540054) < 1e-15);
}

TEST_CASE("logit_normal: lambda is normal at even probabilities, between its bounds") {
  const grid g = logit_normal(flow{}, {.count = 4, .mean = 0.5, .deviation = 2});
  const double quartile = 0.6744897501960817;
  const column wanted{-7.5, -0.5 - 2 * quartile, -0.5, -0.5 + 2 * quartile};
  CHECK(off({g[0].lambda, g[1].lambda, g[2].lambda, g[3].lambda}, wanted) < 1e-14);
  CHECK(off(sigmas(g)[2], 1 / (1 + std::exp(-0.5))) < 1e-15);
  CHECK(g.back().sigma == 0);
  check_counts([](int n) { return logit_normal(flow{}, {.count = n}); }, -7.5, infinity);
  check_counts([](int n) { return logit_normal(flow{}, {.count = n, .end = ending::keep}); }, -7.5, 9);
  check_counts([](int n) { return logit_normal(table(), {.count = n}); }, -7.5, infinity);
}

TEST_CASE("logit_normal: the mean grows with half the logarithm of the tokens") {
  CHECK(logit_normal_mean(1024) == 0);
  CHECK(std::abs(logit_normal_mean(4096) - std::log(2.0)) < 1e-15);
  CHECK(message(try_logit_normal_mean(0)) == "logit_normal_mean: tokens is 0, needs a finite number above 0");
  CHECK(message(try_logit_normal_mean(1, infinity)) == "logit_normal_mean: base is inf, needs a finite number above 0");
}

TEST_CASE("logit_normal: refusals name argument, value and what is allowed") {
  const auto with = [](logit_normal_steps o) { return message(try_logit_normal(flow{}, o)); };
  CHECK(with({}) == "logit_normal: count is 0, needs at least 1");
  CHECK(with({.count = 1000001}) == "logit_normal: count is 1000001, needs at most 1000000");
  CHECK(with({.count = 4, .mean = infinity}) == "logit_normal: mean is inf, needs a finite number");
  CHECK(with({.count = 4, .deviation = 0}) == "logit_normal: deviation is 0, needs a finite number above 0");
  CHECK(with({.count = 4, .lambda_min = -infinity}) == "logit_normal: lambda_min is -inf, needs a finite number");
  CHECK(with({.count = 4, .lambda_max = -7.5}) ==
        "logit_normal: lambda_max is -7.5, needs a finite number above lambda_min = -7.5");
  CHECK_THAT(with({.count = 8, .mean = 100}), starts_with("logit_normal: lambda of level 1 is -7.5, needs to be "));
}
