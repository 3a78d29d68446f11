// SPDX-License-Identifier: MIT
#include "noise/philox.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  const std::size_t n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(n);
}

/// Normals of float, in which most runs draw.
std::vector<double> drawn(const philox& noise, std::uint32_t sample, std::uint32_t stream, std::size_t count) {
  const std::vector<float> z = draw<float>(noise, sample, stream, count);
  return {z.begin(), z.end()};
}

}  // namespace

// The tests below would fail for a perfect generator with a probability below 1e-6 in all: bounds are at 5.5 standard
// deviations (4e-8 each, fewer than 20 of them) unless they say otherwise. The seeds are fixed, so a pass stays a pass.

TEST_CASE("moments of the normals to the fourth are those of a unit normal") {
  const std::vector<double> x = drawn(philox{.seed = 2024}, 0, 0, 1000000);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (const double v : x) m1 += v, m2 += v * v, m3 += v * v * v, m4 += v * v * v * v;
  const double n = static_cast<double>(x.size()), bound = 5.5 / std::sqrt(n);
  CHECK(std::abs(m1 / n) < bound);
  CHECK(std::abs(m2 / n - 1) < bound * std::sqrt(2.));
  CHECK(std::abs(m3 / n) < bound * std::sqrt(15.));
  CHECK(std::abs(m4 / n - 3) < bound * std::sqrt(96.));
}

TEST_CASE("the normals pass a Kolmogorov-Smirnov test") {
  // P(sqrt(n) D > 3) = 2 exp(-18) = 3e-8, for each of the cosine half, the sine half and all together.
  const std::vector<double> all = drawn(philox{.seed = 2025}, 0, 0, 1000000);
  std::vector<double> cosines, sines;
  for (std::size_t i = 0; i < all.size(); ++i) (i % 2 == 0 ? cosines : sines).push_back(all[i]);
  for (std::vector<double> x : {all, cosines, sines}) {
    std::sort(x.begin(), x.end());
    const double n = static_cast<double>(x.size());
    double distance = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double below = 0.5 * std::erfc(-x[i] / std::sqrt(2.)), rank = static_cast<double>(i);
      distance = std::fmax(distance, std::fmax(below - rank / n, (rank + 1) / n - below));
    }
    CHECK(std::sqrt(n) * distance < 3);
  }
}

TEST_CASE("neighbours and streams, samples and seeds next to each other do not correlate") {
  constexpr std::size_t n = 500000;
  const std::vector<double> x = drawn(philox{.seed = 5}, 0, 0, n + 8);
  const auto shifted = [&](std::size_t lag) {
    return std::vector<double>(x.begin() + static_cast<std::ptrdiff_t>(lag), x.end());
  };
  const double bound = 5.5 / std::sqrt(static_cast<double>(n));
  for (const std::size_t lag : {1U, 2U, 3U, 4U}) CHECK(std::abs(correlation(x, shifted(lag))) < bound);
  CHECK(std::abs(correlation(x, drawn(philox{.seed = 5}, 0, 1, n))) < bound);
  CHECK(std::abs(correlation(x, drawn(philox{.seed = 5}, 1, 0, n))) < bound);
  CHECK(std::abs(correlation(x, drawn(philox{.seed = 6}, 0, 0, n))) < bound);
  // Squares too: a pair shares its radius, which must not show.
  const auto squares = [](std::vector<double> v) {
    for (double& a : v) a = (a * a - 1) / std::sqrt(2.);
    return v;
  };
  for (const std::size_t lag : {1U, 4U})
    CHECK(std::abs(correlation(squares(x), squares(shifted(lag)))) < bound);
}

TEST_CASE("pairs of normals fill the plane evenly") {
  // Eight sectors times eight rings of equal probability; chi-square with 63 degrees of freedom exceeds 155 with a
  // probability of 1e-9, for each of six kinds of pairs.
  constexpr std::size_t n = 200000;
  const auto chi_square = [](const std::vector<double>& a, const std::vector<double>& b, std::size_t lag,
                             std::size_t stride) {
    std::vector<double> count(64);
    double pairs = 0;
    for (std::size_t i = 0; i < a.size() && i + lag < b.size(); i += stride, ++pairs) {
      const double x = a[i], y = b[i + lag], pi = 3.14159265358979323846;
      const int sector = static_cast<int>((std::atan2(y, x) / pi + 1) * 4) % 8;
      const int ring = std::min(7, static_cast<int>(8 * std::exp(-(x * x + y * y) / 2)));
      ++count[static_cast<std::size_t>(8 * sector + ring)];
    }
    double sum = 0;
    for (const double c : count) sum += (c - pairs / 64) * (c - pairs / 64) / (pairs / 64);
    return sum;
  };
  const std::vector<double> x = drawn(philox{.seed = 8}, 0, 0, n);
  CHECK(chi_square(x, x, 1, 2) < 155);                                     // one radius and angle
  CHECK(chi_square(x, x, 2, 4) < 155);                                     // two of one block
  CHECK(chi_square(x, x, 4, 8) < 155);                                     // blocks next to each other
  CHECK(chi_square(x, drawn(philox{.seed = 8}, 0, 1, n), 0, 1) < 155);      // streams
  CHECK(chi_square(x, drawn(philox{.seed = 8}, 1, 0, n), 0, 1) < 155);      // samples
  CHECK(chi_square(x, drawn(philox{.seed = 9}, 0, 0, n), 0, 1) < 155);      // seeds
}

TEST_CASE("three, four and five sigma are as rare as they should be") {
  constexpr std::size_t n = 2000000;
  int beyond[6] = {};
  for (const double v : drawn(philox{.seed = 11}, 0, 0, n))
    for (int sigma = 3; sigma <= 5; ++sigma) beyond[sigma] += std::abs(v) > sigma;
  for (int sigma = 3; sigma <= 4; ++sigma) {
    const double expected = n * std::erfc(sigma / std::sqrt(2.));
    // Counts of about 127 at 4 sigma lean to the right: 6.5 standard deviations keep the chance below 1e-7.
    CHECK(std::abs(beyond[sigma] - expected) < 6.5 * std::sqrt(expected));
  }
  CHECK(beyond[5] <= 13);  // 1.15 expected: a Poisson count above 13 has probability 4e-11
}
