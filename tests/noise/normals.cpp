// SPDX-License-Identifier: MIT
#include "diffode/noise/normal_scalar.hpp"
#include "noise/philox.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

using real = long double;
constexpr real slack = 16 * std::numeric_limits<real>::epsilon();

real uniform(std::uint32_t word) { return (static_cast<real>(word) + 0.5L) * 0x1p-32L; }

// Near 1, log1p of the exact 1 - u; near a quarter turn, the angle from there, also exact: the reference must not lose
// what is being tested.
real minus_two_log(std::uint32_t word) {
  const real u = uniform(word);
  return u > 0.5L ? -2 * std::log1p(-(1 - u)) : -2 * std::log(u);
}
struct way {
  real cos, sin;
};
way direction(std::uint32_t word) {
  const real u = uniform(word), quarter = std::round(4 * u), angle = 2 * 3.14159265358979323846264338327950288L * (u - quarter / 4);
  const int turns = static_cast<int>(quarter) % 4;
  const real c = std::cos(angle), s = std::sin(angle);
  return {turns == 0 ? c : turns == 1 ? -s : turns == 2 ? -c : s, turns == 0 ? s : turns == 1 ? c : turns == 2 ? -s : -c};
}

template <class T>
real error_of(T got, real exact) {
  return std::abs((static_cast<real>(got) - exact) / exact);
}

/// Words around all that is special: ends of octaves, eighths of a turn, where the logarithm changes its octave, the ends.
std::vector<std::uint32_t> special_words(std::uint32_t around) {
  std::vector<std::uint32_t> all;
  const auto add = [&](std::uint32_t centre) {
    for (std::uint32_t i = 0; i <= 2 * around; ++i) all.push_back(centre - around + i);
  };
  for (std::uint32_t eighth = 0; eighth < 8; ++eighth) add(eighth << 29);
  for (int bit = 0; bit < 29; ++bit) add(1U << bit), add(~(1U << bit));
  for (int octave = 0; octave < 30; ++octave) add(3037000500U >> octave);  // sqrt(1/2)
  return all;
}

/// The counter that Philox4x32-10 makes these words from.
words counter_of(words w, std::uint64_t seed) {
  const auto inverse = [](std::uint32_t m) {
    std::uint32_t x = m;  // right in 3 bits, and in twice as many after each step
    for (int i = 0; i < 4; ++i) x *= 2 - m * x;
    return x;
  };
  constexpr std::uint32_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
  for (std::uint32_t round = 10; round-- > 0;) {
    const std::uint32_t key0 = static_cast<std::uint32_t>(seed) + round * 0x9E3779B9, key1 = static_cast<std::uint32_t>(seed >> 32) + round * 0xBB67AE85;
    const std::uint32_t c0 = w[3] * inverse(m0), c2 = w[1] * inverse(m1);
    const auto high = [](std::uint32_t a, std::uint32_t b) { return static_cast<std::uint32_t>(std::uint64_t{a} * b >> 32); };
    w = {c0, w[0] ^ high(m1, c2) ^ key0, c2, w[2] ^ high(m0, c0) ^ key1};
  }
  return w;
}

}  // namespace

TEST_CASE("logarithm, cosine and sine keep their relative error everywhere") {
  // The bounds of normals.inl: half of the logarithm's error, one unit for the root, one for the product and the error of
  // the cosine make those of philox. Units are 6e-8 and 1.1e-16.
  real log_float = 0, log_double = 0, way_float = 0, way_double = 0;
  const auto check = [&](std::uint32_t word) {
    const real log_exact = minus_two_log(word);
    log_float = std::max(log_float, error_of(detail::scalar::minus_two_log(detail::scalar::words{word}), log_exact));
    log_double = std::max(log_double, error_of(detail::scalar::minus_two_log(detail::scalar::longs{word}), log_exact));
    const way exact = direction(word);
    const auto f = detail::scalar::direction(detail::scalar::words{word});
    const auto d = detail::scalar::direction(detail::scalar::longs{word});
    way_float = std::max({way_float, error_of(f.first, exact.cos), error_of(f.second, exact.sin)});
    way_double = std::max({way_double, error_of(d.first, exact.cos), error_of(d.second, exact.sin)});
  };
  for (const std::uint32_t word : special_words(100)) check(word);
  for (std::uint32_t i = 0; i < 100000; ++i)
    for (const std::uint32_t word : philox4x32({i, 0, 0, 0}, {1, 0})) check(word);
  INFO("log " << log_float << ", " << log_double << ", direction " << way_float << ", " << way_double);
  CHECK(log_float < 9.4e-8L);
  CHECK(way_float < 7.6e-8L);
  CHECK(log_double < 1.6e-16L + slack);
  CHECK(way_double < 1.6e-16L + slack);
}

TEST_CASE("normals are within their error from 1e-14 in size to the last of the tails, on every instruction set") {
  // Words are chosen and the element is found that has them: the largest normals, and those next to 0.
  constexpr std::uint64_t seed = 0x0123456789ABCDEF;
  const philox noise{.seed = seed};
  real worst_float = 0, worst_double = 0, largest = 0, smallest = 1;
  const auto check = [&](std::uint32_t w0, std::uint32_t w1) {
    words counter;
    std::uint32_t other = 0;
    do counter = counter_of({w0, w1, other++, 1}, seed);
    while (counter[1] >= 1U << 30);  // elements are numbered with 64 bits, so blocks with 62
    REQUIRE(philox4x32(counter, {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)})[1] == w1);
    const std::uint64_t block = std::uint64_t{counter[1]} << 32 | counter[0];
    const real radius = std::sqrt(minus_two_log(w0));
    const way exact = direction(w1);
    for (const instruction_set use : instruction_sets()) {
      float f[2];
      double d[2];
      noise.fill<float>(counter[2], counter[3], 4 * block, f, use);
      noise.fill<double>(counter[2], counter[3], 4 * block, d, use);
      worst_float = std::max({worst_float, error_of(f[0], radius * exact.cos), error_of(f[1], radius * exact.sin)});
      worst_double = std::max({worst_double, error_of(d[0], radius * exact.cos), error_of(d[1], radius * exact.sin)});
      largest = std::max({largest, std::abs(static_cast<real>(f[0])), std::abs(static_cast<real>(f[1]))});
      smallest = std::min({smallest, std::abs(static_cast<real>(f[0])), std::abs(static_cast<real>(f[1]))});
    }
  };
  const std::uint32_t tails[] = {0, 1, 2, 3, 100, 3037000499U, 3037000500U, ~3U, ~1U, ~0U};
  for (const std::uint32_t w0 : tails)
    for (const std::uint32_t w1 : special_words(1)) check(w0, w1);
  INFO(worst_float << ", " << worst_double << ", " << smallest << " to " << largest);
  CHECK(worst_float < 2.4e-7L);
  CHECK(worst_double < 5e-16L + slack);
  CHECK(largest == Approx(6.7638).epsilon(1e-4));  // sqrt(66 ln 2)
  CHECK(smallest < 1.2e-14L);                      // 2^-16 pi 2^-32
}

TEST_CASE("four, five and six sigma are as rare as they should be, counted over all words of the radius") {
  // No sampling: of the 2^32 words each radius counts with the share of its circle that lies beyond. The words are the middles
  // of equal parts, so what is left is the error of the midpoint rule where few words are beyond (65 for 6 sigma): 1.3e-3.
  const auto mass = [](double sigma) {
    double beyond = 0;
    for (std::uint32_t word = 0;; ++word) {
      const double radius = std::sqrt(static_cast<double>(detail::scalar::minus_two_log(detail::scalar::words{word})));
      if (radius <= sigma) return beyond * 0x1p-32;
      beyond += std::acos(sigma / radius) / std::acos(0.0);
    }
  };
  CHECK(mass(4) == Approx(std::erfc(4 / std::sqrt(2.0))).epsilon(1e-6));
  CHECK(mass(5) == Approx(std::erfc(5 / std::sqrt(2.0))).epsilon(1e-5));
  CHECK(mass(6) == Approx(std::erfc(6 / std::sqrt(2.0))).epsilon(2e-3));
}
