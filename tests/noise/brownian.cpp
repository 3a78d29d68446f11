// SPDX-License-Identifier: MIT
#include "noise/brownian.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using namespace diffode;
using namespace diffode_test;

static_assert(noise_source<brownian, float>);

TEST_CASE("the increments of seed 42 are these, for ever") {
  // Checked with 60-digit arithmetic: midpoints displaced from the octave down, W(to) - W(from) taken at the end. Off by
  // at most three units in the last place of a number of the size of the standard deviation.
  const brownian noise{.seed = 42};
  CHECK(noise.increment(0, 0, -1.5, 0.25) == 0x1.1729db54d3392p-1);
  CHECK(noise.increment(0, 1, -infinity, 2) == -0x1.77702abec43b5p-1);
  CHECK(noise.increment(3, 5000000007, 0.125, 0.25) == 0x1.434ff56f2d641p-1);
  const brownian far{.seed = 0x123456789ABCDEF0, .first_sample = 7};
  CHECK(far.increment(1, 2, 100, 100 + 0x1p-40) == 0x1.0fe680999f258p+47);
  const brownian run = bound(noise, {{-8, -3}, {-3, -2.75}, {-2.75, -2.75 + 0x1p-30}, {1, 9}}, 1000);
  const std::uint64_t doubles[] = {0xe7dd64d60d00a17e, 0xaea893c2cada3bc8, 0xf1e80b21298aff18, 0xe75caa7fc9badc09},
                      floats[] = {0xd0ec42fd38653389, 0xd15f576e64e7f259, 0xc735a9eb0b89011f, 0xe45d7e925d9ea9b6};
  for (std::uint32_t stream = 0; stream < 4; ++stream) {
    CHECK(hash<std::uint64_t>(draw<double>(run, 0, stream, 1000)) == doubles[stream]);
    CHECK(hash<std::uint32_t>(draw<float>(run, 0, stream, 1000)) == floats[stream]);
  }
}

TEST_CASE("an interval and its parts have the same increment, however many parts there are") {
  // A few units in the last place of a number of the size of the standard deviation, for each of 64 parts.
  const brownian noise{.seed = 3};
  const std::vector<noise_interval> intervals = {{-1.3, 2.1}, {0.1, 0.2},           {0, 1e-9},
                                                 {-20, 20},   {-0.5, -0.5 + 1e-12}, {300, 301}};
  for (const noise_interval& over : intervals)
    for (std::uint64_t element = 0; element < 6; ++element) {
      const double whole = noise.increment(0, element, over.from, over.to);
      for (int parts = 1; parts <= 64; parts *= 2) {
        const auto at = [&](int i) { return i == parts ? over.to : over.from + (over.to - over.from) * i / parts; };
        double sum = 0;
        for (int i = 0; i < parts; ++i) sum += noise.increment(0, element, at(i), at(i + 1));
        INFO(over.from << " to " << over.to << " in " << parts << " parts");
        CHECK(std::abs(sum - whole) <= 1e-13 * std::sqrt(std::exp(over.to) - std::exp(over.from)));
      }
    }
}

TEST_CASE("any two neighbouring intervals add up, from minus infinity too") {
  const brownian noise{.seed = 4};
  for (std::uint32_t i = 0; i < 300; ++i) {
    double p[3] = {spread(3 * i), spread(3 * i + 1), spread(3 * i + 2)};
    const double scale = std::pow(10., i % 16) * 1e-14, centre = 10 * spread(i + 1000);
    for (double& x : p) x = centre + scale * x;
    std::sort(p, p + 3);
    if (i % 7 == 0) p[0] = -infinity;
    const double ab = noise.increment(0, i, p[0], p[1]), bc = noise.increment(0, i, p[1], p[2]),
                 ac = noise.increment(0, i, p[0], p[2]);
    INFO(p[0] << ", " << p[1] << ", " << p[2]);
    // Of the standard deviation, since the largest may be small by chance; some 50 roundings, which shrink with depth.
    CHECK(std::abs(ab + bc - ac) <= 1e-14 * std::sqrt(std::exp(p[2]) - std::exp(p[0])));
  }
}

TEST_CASE("what was asked before changes nothing") {
  const brownian noise{.seed = 5};
  const double before = noise.increment(0, 1, 0.5, 1.5);
  for (int i = 0; i < 50; ++i) noise.increment(0, 1, 0.5 + 0.01 * i, 0.6 + 0.01 * i);
  CHECK(noise.increment(0, 1, 0.5, 1.5) == before);
  CHECK(brownian{.seed = 5}.increment(0, 1, 0.5, 1.5) == before);
}

TEST_CASE("an interval of no length has no increment, and one beyond the range of the clock still a finite normal") {
  const brownian noise{.seed = 6};
  CHECK(noise.increment(0, 0, 0.5, 0.5) == 0);
  CHECK(noise.increment(0, 0, -infinity, -infinity) == 0);
  CHECK(noise.increment(0, 0, -3000, -2000) == 0);  // e^-2000 is 0 in double
  for (const noise_interval over : {noise_interval{-3000, -2000}, {5000, 6000}, {-infinity, 1e5}, {0, infinity}})
    for (const double z : unit(6, over, 8)) CHECK(std::abs(z) < 10);
}

TEST_CASE("a linear equation solved exactly ends at the same place in 1 step and in 64") {
  // dx = -x dlambda + sqrt(2) dB: a step over h multiplies by e^-h and adds sqrt(1 - e^-2h) times the unit increment on the
  // clock e^(2 lambda). Errors are of some 64 roundings of numbers of size 1, and of 2^-48 in each end of a step.
  const double from = -2, to = 3;
  std::vector<double> ends;
  for (int steps = 1; steps <= 64; steps *= 2) {
    const auto lambda = [&](int i) { return from + (to - from) * i / steps; };
    std::vector<noise_interval> run;
    for (int i = 0; i < steps; ++i) run.push_back({2 * lambda(i), 2 * lambda(i + 1)});
    const brownian noise = bound({.seed = 7}, run, 4);
    double x = 0.5;
    for (int i = 0; i < steps; ++i) {
      const double h = lambda(i + 1) - lambda(i);
      x = std::exp(-h) * x + std::sqrt(-std::expm1(-2 * h)) * draw(noise, 0, static_cast<std::uint32_t>(i), 4)[1];
    }
    ends.push_back(x);
  }
  for (const double x : ends) CHECK(std::abs(x - ends[0]) < 1e-12);
}

// The clock.

TEST_CASE("the clock is 2 to the octaves, to 2^-48, and never runs backwards") {
  const auto value = [](const detail::clock_point& p) {
    return std::ldexp(1 + static_cast<long double>(p.part) * 0x1p-48L, p.octave);
  };
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const double log = 60 * spread(i), near = std::nextafter(log, infinity);
    const long double exact = std::exp(static_cast<long double>(log));
    // Rounded down by up to 2^-48 of the octave; log/ln2 is off by up to 1.5 units in its last place, below 2^-46.
    CHECK(std::abs(static_cast<double>(value(detail::clock_at(log)) / exact - 1)) < 0x1p-48 + 0x1p-46);
    CHECK(detail::clock_at(log) <= detail::clock_at(near));
  }
  CHECK(detail::clock_at(0) == detail::clock_point{0, 0});
  CHECK(detail::clock_at(-1e-30) == detail::clock_point{0, 0});
  CHECK(detail::clock_at(-1e-10).octave == -1);
  CHECK(detail::clock_at(-infinity) == detail::clock_at(-2e6));
  CHECK(detail::clock_at(infinity) == detail::clock_at(2e6));
  CHECK(detail::clock_at(std::numeric_limits<double>::quiet_NaN()) == detail::clock_at(-infinity));
  for (int k = -200; k <= 200; ++k) {  // around the seam between two octaves
    const double seam = k * 0.693147180559945309417;
    double below = seam;
    for (int i = 0; i < 4; ++i) below = std::nextafter(below, -infinity);
    for (int i = 0; i < 8; ++i) {
      const double above = std::nextafter(below, infinity);
      CHECK(detail::clock_at(below) <= detail::clock_at(above));
      below = above;
    }
  }
}

TEST_CASE("ends that are one point of the clock count as equal, those 4e-15 apart never do") {
  std::vector<double> plain(4);
  philox{.seed = 21}.fill<double>(0, 1, 0, plain);
  for (const noise_interval over : {noise_interval{0, 1e-17}, {-infinity, -1e7}, {1e7, infinity}})
    CHECK(draw(bound({.seed = 21}, {{}, over}, 4), 0, 1, 4) == plain);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const double at = 3 * spread(i);
    CHECK(detail::clock_at(at) < detail::clock_at(at + 4e-15));
  }
}

TEST_CASE("the portable 64-bit product is the one of the compiler") {
  const std::uint64_t all = ~std::uint64_t{0};
  CHECK(detail::high_product_portable(all, all) == all - 1);
  CHECK(detail::high_product_portable(all, 1) == 0);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const auto w = philox4x32({i, 0, 0, 0}, {2, 0});
    const std::uint64_t a = std::uint64_t{w[0]} << 32 | w[1], b = std::uint64_t{w[2]} << 32 | w[3];
    CHECK(detail::high_product_portable(a, b) == detail::high_product(a, b));
  }
}
