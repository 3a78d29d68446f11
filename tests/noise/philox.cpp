// SPDX-License-Identifier: MIT
#include "diffode/noise/philox.hpp"

#include "catch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

using namespace diffode;

namespace {

using words = std::array<std::uint32_t, 4>;

// "philox4x32 10" of tests/kat_vectors in the Random123 distribution, release 1.14.0.
static_assert(philox4x32({0, 0, 0, 0}, {0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
              words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

template <class T = double>
std::vector<T> draw(const philox& noise, std::uint32_t sample, std::uint32_t stream, std::size_t count,
                    std::uint64_t first = 0) {
  std::vector<T> v(count);
  noise.fill<T>(sample, stream, first, v);
  return v;
}

/// FNV-1a over the bits, so that millions of numbers can be pinned by one.
template <class Bits, class T>
std::uint64_t hash(const std::vector<T>& v) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const T x : v) h = (h ^ std::bit_cast<Bits>(x)) * 0x100000001b3;
  return h;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  const std::size_t n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(n);
}

}  // namespace

TEST_CASE("Philox4x32-10 gives the published answers at run time too") {
  const volatile std::uint32_t hidden = 0;
  const std::uint32_t zero = hidden;  // not a constant expression
  CHECK(philox4x32({zero, 0, 0, 0}, {0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({~zero, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
        words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
}

TEST_CASE("the normals of seed 42 are these, for ever") {
  // Checked with 40-digit arithmetic: correctly rounded, but for the third and the fourth, one unit away from zero.
  const double expected[] = {-0x1.f0bcb75618958p-1, 0x1.8d59cf6099692p-3,  -0x1.3c51a41acf63cp+0,
                             0x1.ec8676a61759fp+0,  -0x1.2bc05f972144ap-4, 0x1.1cf41ea22a41dp-3,
                             -0x1.1b4e66440e067p+0, 0x1.4e85fa52d9414p-2};
  const philox noise{.seed = 42};
  for (std::uint64_t e = 0; e < 8; ++e) CHECK(noise.normal(0, 0, e) == expected[e]);
  // High words of element and seed, and the places of sample and stream in the counter.
  CHECK(noise.normal(3, 7, 0x400000005) == -0x1.882e11d4dafc0p+0);
  CHECK(philox{.seed = 0x123456789ABCDEF0}.normal(0xFFFFFFFF, 5, 0x10000000002) == 0x1.9a2647eb21c71p-1);
  CHECK(hash<std::uint64_t>(draw<double>(noise, 1, 2, 100000)) == 0x5a80c1915fba4ffb);
  CHECK(hash<std::uint32_t>(draw<float>(noise, 1, 2, 100000)) == 0x740b52c62111f4e5);
}

TEST_CASE("any way to cut a fill gives the same numbers") {
  const philox noise{.seed = 7};
  const std::vector<float> whole = draw<float>(noise, 2, 3, 257);
  for (std::size_t chunk = 1; chunk <= 67; ++chunk) {
    std::vector<float> parts(whole.size());
    for (std::size_t at = 0; at < parts.size(); at += chunk)
      noise.fill<float>(2, 3, at, std::span(parts).subspan(at, std::min(chunk, parts.size() - at)));
    CHECK(parts == whole);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) CHECK(whole[i] == static_cast<float>(noise.normal(2, 3, i)));
  CHECK(draw(noise, 0, 0, 0).empty());
}

TEST_CASE("a fill far out crosses the 32-bit block boundary without a seam") {
  const philox noise{.seed = 7};
  const std::uint64_t start = (std::uint64_t{1} << 34) - 6;
  const std::vector<double> far = draw(noise, 0, 0, 12, start);
  for (std::size_t i = 0; i < far.size(); ++i) CHECK(far[i] == noise.normal(0, 0, start + i));
  CHECK(far[6] != noise.normal(0, 0, 0));  // block 2^32 is not block 0
}

TEST_CASE("a batch drawn in parts is the whole batch") {
  const philox whole{.seed = 9};
  for (std::uint32_t sample = 0; sample < 16; ++sample) {
    const std::uint32_t rank = sample / 4;
    const philox part{.seed = 9, .first_sample = 4 * rank};
    CHECK(draw(part, sample % 4, 1, 100) == draw(whole, sample, 1, 100));
  }
}

TEST_CASE("a float is the double, rounded once") {
  const philox noise{.seed = 1};
  const std::vector<double> d = draw<double>(noise, 0, 0, 1000);
  const std::vector<float> f = draw<float>(noise, 0, 0, 1000);
  for (std::size_t i = 0; i < d.size(); ++i) CHECK(f[i] == static_cast<float>(d[i]));
}

TEST_CASE("another seed, sample or stream gives other numbers") {
  const auto same = [](const philox& a, std::uint32_t sample, std::uint32_t stream) {
    const std::vector<double> x = draw(philox{.seed = 1}, 0, 0, 1000), y = draw(a, sample, stream, 1000);
    int equal = 0;
    for (std::size_t i = 0; i < x.size(); ++i) equal += x[i] == y[i];
    return equal;
  };
  CHECK(same(philox{.seed = 1}, 0, 0) == 1000);
  CHECK(same(philox{.seed = 2}, 0, 0) == 0);
  CHECK(same(philox{.seed = 1 + (std::uint64_t{1} << 32)}, 0, 0) == 0);
  CHECK(same(philox{.seed = 1}, 1, 0) == 0);
  CHECK(same(philox{.seed = 1}, 0, 1) == 0);
  CHECK(same(philox{.seed = 1, .first_sample = 1}, 0, 0) == 0);
}

TEST_CASE("the integer logarithm, cosine and sine agree with long double") {
  using real = long double;
  const real eps = std::numeric_limits<real>::epsilon(), pi = 3.14159265358979323846264338327950288L;
  double worst_log = 0, worst_cos = 0, worst_sin = 0;
  const auto check = [&](std::uint32_t word) {
    const std::uint64_t q33 = detail::uniform_q33(word);
    const real u = static_cast<real>(q33) / 0x1p33L;
    const auto off = [](double x, real exact) {
      return static_cast<double>(std::abs((static_cast<real>(x) - exact) / exact));
    };
    // Near 1, log1p of the exact 1 - u; near a quarter turn, the angle from there, also exact: the reference must not
    // lose what is being tested.
    const real log_u = u > 0.5L ? std::log1p(-(1 - u)) : std::log(u);
    worst_log = std::fmax(worst_log, off(detail::minus_two_log(q33), -2 * log_u));
    const real quarter = std::round(4 * u), angle = 2 * pi * (u - quarter / 4);
    const int turns = static_cast<int>(quarter) % 4;
    const real c = std::cos(angle), s = std::sin(angle);
    const detail::cos_sin got = detail::turn(q33);
    worst_cos = std::fmax(worst_cos, off(got.cos, turns == 0 ? c : turns == 1 ? -s : turns == 2 ? -c : s));
    worst_sin = std::fmax(worst_sin, off(got.sin, turns == 0 ? s : turns == 1 ? c : turns == 2 ? -s : -c));
  };
  for (std::uint32_t block = 0; block < 16; ++block)  // around every eighth of a turn and the ends
    for (std::uint32_t i = 0; i < 200; ++i) check((block << 28) + i), check((block << 28) - 1 - i);
  for (std::uint32_t i = 0; i < 400; ++i) check(3037000500U - 200 + i);  // around sqrt(1/2)
  for (std::uint32_t i = 0; i < 250000; ++i)
    for (const std::uint32_t word : philox4x32({i, 0, 0, 0}, {1, 0})) check(word);
  INFO("log " << worst_log << ", cos " << worst_cos << ", sin " << worst_sin);
  const double slack = static_cast<double>(8 * eps);
  CHECK(worst_log <= 4e-16 + slack);
  CHECK(worst_cos <= 3e-16 + slack);
  CHECK(worst_sin <= 3e-16 + slack);
}

TEST_CASE("the portable 64-bit product is the one of the compiler") {
  const std::uint64_t all = ~std::uint64_t{0};
  CHECK(detail::high_product_portable(all, all) == all - 1);
  CHECK(detail::high_product_portable(all, 1) == 0);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const words w = philox4x32({i, 0, 0, 0}, {2, 0});
    const std::uint64_t a = std::uint64_t{w[0]} << 32 | w[1], b = std::uint64_t{w[2]} << 32 | w[3];
    CHECK(detail::high_product_portable(a, b) == detail::high_product(a, b));
  }
}

// The tests below would fail for a perfect generator with a probability below 1e-6 in all: bounds are at 5.5 standard
// deviations (4e-8 each, fewer than 20 of them) unless they say otherwise. The seeds are fixed, so a pass stays a pass.

TEST_CASE("moments of the normals to the fourth are those of a unit normal") {
  const std::vector<double> x = draw(philox{.seed = 2024}, 0, 0, 1000000);
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
  const std::vector<double> all = draw(philox{.seed = 2025}, 0, 0, 1000000);
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
  const std::vector<double> x = draw(philox{.seed = 5}, 0, 0, n + 8);
  const auto shifted = [&](std::size_t lag) {
    return std::vector<double>(x.begin() + static_cast<std::ptrdiff_t>(lag), x.end());
  };
  const double bound = 5.5 / std::sqrt(static_cast<double>(n));
  for (const std::size_t lag : {1U, 2U, 3U, 4U}) CHECK(std::abs(correlation(x, shifted(lag))) < bound);
  CHECK(std::abs(correlation(x, draw(philox{.seed = 5}, 0, 1, n))) < bound);
  CHECK(std::abs(correlation(x, draw(philox{.seed = 5}, 1, 0, n))) < bound);
  CHECK(std::abs(correlation(x, draw(philox{.seed = 6}, 0, 0, n))) < bound);
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
  const std::vector<double> x = draw(philox{.seed = 8}, 0, 0, n);
  CHECK(chi_square(x, x, 1, 2) < 155);                                     // one radius and angle
  CHECK(chi_square(x, x, 2, 4) < 155);                                     // two of one block
  CHECK(chi_square(x, x, 4, 8) < 155);                                     // blocks next to each other
  CHECK(chi_square(x, draw(philox{.seed = 8}, 0, 1, n), 0, 1) < 155);      // streams
  CHECK(chi_square(x, draw(philox{.seed = 8}, 1, 0, n), 0, 1) < 155);      // samples
  CHECK(chi_square(x, draw(philox{.seed = 9}, 0, 0, n), 0, 1) < 155);      // seeds
}

TEST_CASE("three, four and five sigma are as rare as they should be") {
  constexpr std::size_t n = 2000000;
  int beyond[6] = {};
  for (const double v : draw(philox{.seed = 11}, 0, 0, n))
    for (int sigma = 3; sigma <= 5; ++sigma) beyond[sigma] += std::abs(v) > sigma;
  for (int sigma = 3; sigma <= 4; ++sigma) {
    const double expected = n * std::erfc(sigma / std::sqrt(2.));
    // Counts of about 127 at 4 sigma lean to the right: 6.5 standard deviations keep the chance below 1e-7.
    CHECK(std::abs(beyond[sigma] - expected) < 6.5 * std::sqrt(expected));
  }
  CHECK(beyond[5] <= 13);  // 1.15 expected: a Poisson count above 13 has probability 4e-11
}

TEST_CASE("the largest and smallest words give finite normals") {
  CHECK(std::sqrt(detail::minus_two_log(detail::uniform_q33(0))) == Approx(6.7638).epsilon(1e-4));
  CHECK(detail::minus_two_log(detail::uniform_q33(0xFFFFFFFF)) == Approx(0x1p-32).epsilon(1e-9));
  CHECK(detail::turn(detail::uniform_q33(0xFFFFFFFF)).cos == 1);
}
