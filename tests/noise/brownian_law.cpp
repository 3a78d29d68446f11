// SPDX-License-Identifier: MIT
#include "noise/brownian.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace diffode;
using namespace diffode_test;

// The tests below would fail for perfect paths with a probability below 1e-6 in all: bounds are at 6 standard deviations
// (2e-9 each, fewer than 200 of them) unless they say otherwise. The seeds are fixed, so a pass stays a pass.

TEST_CASE("the variance of an increment is the length of its interval, at every scale") {
  constexpr std::size_t n = 4096;
  const double bound = 6 / std::sqrt(static_cast<double>(n));
  const auto check = [&](double from, double to) {
    const std::vector<double> z = unit(14, {from, to}, n);
    INFO(from << " to " << to << ", " << to - from);
    CHECK(std::abs(mean_of_products(z, std::vector<double>(n, 1))) < bound);
    CHECK(std::abs(mean_of_products(z, z) - 1) < bound * std::sqrt(2.));
  };
  for (double length = 1e-14; length < 200; length *= 10) check(-0.3, -0.3 + length), check(0.6931, 0.6931 + length);
  check(-infinity, 1.7), check(-infinity, -40), check(-700, 700);
  check(0.6931471805599453 - 1e-7, 0.6931471805599453 + 1e-7);    // across the seam between two octaves
  check(0.4054651081081644 - 1e-10, 0.4054651081081644 + 1e-13);  // across the middle of one
}

TEST_CASE("W(a) and W(b) have the covariance min(a, b)") {
  // Increments of the path from the clock's start to six points.
  constexpr std::size_t n = 4096;
  const std::vector<double> ends = {-4, 0.1, 0.1 + 1e-8, 0.1001, 0.7, 3};
  std::vector<noise_interval> run;
  for (const double end : ends) run.push_back({-infinity, end});
  const brownian noise = bound({.seed = 15}, run, n);
  std::vector<std::vector<double>> w;
  for (std::uint32_t i = 0; i < ends.size(); ++i) w.push_back(draw(noise, 0, i, n));
  for (std::size_t i = 0; i < ends.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      const double expected = std::exp((ends[k] - ends[i]) / 2);  // the correlation of W(e^a) and W(e^b)
      // The variance of a product of two unit normals is 1 + correlation^2.
      const double bound = 6 * std::sqrt((1 + expected * expected) / static_cast<double>(n));
      INFO(ends[k] << ", " << ends[i]);
      CHECK(std::abs(mean_of_products(w[i], w[k]) - expected) < bound);
    }
}

TEST_CASE("increments over disjoint intervals are independent") {
  constexpr std::size_t n = 4096;
  const std::vector<noise_interval> run = {
      {-infinity, -2},     {-2, 0},      {0, 0.3}, {0.3, 0.3 + 1e-10}, {0.3 + 1e-10, 0.3 + 2e-10},
      {0.3 + 2e-10, 0.31}, {0.31, 0.69}, {0.7, 5}};
  const brownian noise = bound({.seed = 16}, run, n);
  std::vector<std::vector<double>> z, squares;
  for (std::uint32_t i = 0; i < run.size(); ++i) {
    z.push_back(draw(noise, 0, i, n));
    squares.push_back(z.back());
    for (double& v : squares.back()) v = (v * v - 1) / std::sqrt(2.);
  }
  const double bound = 6 / std::sqrt(static_cast<double>(n));
  for (std::size_t i = 0; i < run.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      INFO("intervals " << k << ", " << i);
      CHECK(std::abs(mean_of_products(z[i], z[k])) < bound);
      // A squared normal has tails, and the product of two more: 8 standard deviations.
      CHECK(std::abs(mean_of_products(squares[i], squares[k])) < bound * 8 / 6);
    }
}

TEST_CASE("the increments of a step are normal: Kolmogorov-Smirnov, fourth moment and tails") {
  constexpr std::size_t n = 100000;
  std::vector<double> z = unit(17, {0.31, 0.43}, n);
  double fourth = 0;
  int beyond[5] = {};
  for (const double v : z) {
    fourth += v * v * v * v;
    for (int sigma = 3; sigma <= 4; ++sigma) beyond[sigma] += std::abs(v) > sigma;
  }
  CHECK(std::abs(fourth / n - 3) < 6 * std::sqrt(96. / n));
  const double three = n * std::erfc(3 / std::sqrt(2.));
  CHECK(std::abs(beyond[3] - three) < 6 * std::sqrt(three));  // 270 expected
  CHECK(beyond[4] <= 30);  // 6.3 expected: a Poisson count above 30 has probability 2e-12
  std::sort(z.begin(), z.end());
  double distance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double below = 0.5 * std::erfc(-z[i] / std::sqrt(2.)), rank = static_cast<double>(i);
    distance = std::fmax(distance, std::fmax(below - rank / n, (rank + 1) / n - below));
  }
  CHECK(std::sqrt(static_cast<double>(n)) * distance < 3.3);  // P = 2 exp(-2 * 3.3^2) = 7e-10
}

TEST_CASE("where coins stand in for normals the excess kurtosis is between -1/16 and 0") {
  constexpr std::size_t n = 32768;
  for (const double length : {1e-6, 1e-9, 1e-12}) {
    const std::vector<double> z = unit(18, {0.31, 0.31 + length}, n);
    std::vector<double> squares = z;
    for (double& v : squares) v *= v;
    const double excess = mean_of_products(squares, squares) - 3, bound = 6 * std::sqrt(96. / n);
    INFO(length << ": " << excess);
    CHECK(excess > -1. / 16 - bound);
    CHECK(excess < bound);
  }
}

TEST_CASE("elements, samples and seeds have paths of their own, and none is philox's stream of the same seed") {
  constexpr std::size_t n = 16384;
  const noise_interval over{0.31, 0.43};
  const std::vector<double> z = unit(19, over, n);
  const double limit = 6 / std::sqrt(static_cast<double>(n));
  for (const std::size_t lag : {1U, 2U, 3U, 4U, 128U}) {
    const std::vector<double> shifted = draw(bound({.seed = 19}, {over}), 0, 0, n, lag);
    CHECK(std::abs(mean_of_products(z, shifted)) < limit);
  }
  CHECK(std::abs(mean_of_products(z, draw(bound({.seed = 19}, {over}, n), 1, 0, n))) < limit);
  CHECK(std::abs(mean_of_products(z, unit(20, over, n))) < limit);
  CHECK(std::abs(mean_of_products(z, unit(19 + (std::uint64_t{1} << 32), over, n))) < limit);
  for (const std::uint32_t stream : {0U, 1U, ~0U}) {
    std::vector<double> plain(n);
    philox{.seed = 19}.fill<double>(0, stream, 0, plain);
    CHECK(std::abs(mean_of_products(z, plain)) < limit);
  }
}
