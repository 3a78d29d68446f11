// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode {

/// Philox4x32-10: four random words for each counter and key.
///
/// Source  Salmon, Moraes, Dror and Shaw 2011, Parallel random numbers: as easy as 1, 2, 3, SC'11; agrees
///         with the known answers of their Random123 distribution
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0],
                        b = std::uint64_t{0xCD9E8D57} * counter[2];
    const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
    const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
    counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return counter;
}

namespace detail {

// Box-Muller from two words. The logarithm and the sine of the standard library differ from system to system, and a
// sum of products in floating point differs with the compiler's use of fused multiply-add. So everything that adds is
// done here in 64-bit integers. Of floating point there are only conversions, products, one division and one square
// root, each correctly rounded by IEEE 754, and no sum that could be fused. q33 means: an integer in units of 2^-33.

constexpr std::uint64_t high_product_portable(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t al = a & 0xFFFFFFFF, ah = a >> 32, bl = b & 0xFFFFFFFF, bh = b >> 32;
  const std::uint64_t middle = ah * bl + (al * bl >> 32);
  return ah * bh + (middle >> 32) + ((al * bh + (middle & 0xFFFFFFFF)) >> 32);
}

/// Upper half of the 128-bit product.
constexpr std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
#if defined(__SIZEOF_INT128__)
  __extension__ typedef unsigned __int128 wide;
  return static_cast<std::uint64_t>(static_cast<wide>(a) * b >> 64);
#else
  return high_product_portable(a, b);
#endif
}

/// Uniform number u = (word + 1/2) / 2^32, never 0 or 1, as an odd number of units 2^-33.
constexpr std::uint64_t uniform_q33(std::uint32_t word) { return 2 * std::uint64_t{word} + 1; }

// By way of signed integers, which every processor converts in one instruction.
constexpr double as_double(std::uint64_t v) { return static_cast<double>(static_cast<std::int64_t>(v)); }
constexpr std::uint64_t as_integer(double v) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(v));
}

/// -2 ln u, with relative error below 4e-16 also where u is close to 1.
///
/// u = m/2^e with m in [sqrt(1/2), sqrt(2)) and s = (1 - m)/(1 + m): -ln u = e ln 2 + 2 s (1 + s^2/3 + s^4/5 + ...).
constexpr double minus_two_log(std::uint64_t u_q33) {
  constexpr std::uint64_t one_q33 = std::uint64_t{1} << 33, sqrt_half_q33 = 0x16A09E668;
  constexpr std::uint64_t ln2_q58 = 0x2C5C85FDF473DE7;
  int e = 33 - static_cast<int>(std::bit_width(u_q33));
  std::uint64_t m = u_q33 << e;
  if (m < sqrt_half_q33) m <<= 1, ++e;
  const bool below_one = m < one_q33;
  const double s = as_double(below_one ? one_q33 - m : m - one_q33) / as_double(one_q33 + m);  // |s| < 0.172
  constexpr auto inverse_odd_q62 = [] {
    std::array<std::uint64_t, 12> q{};  // the last term is below 2^-60
    for (std::size_t n = 0; n < q.size(); ++n) q[n] = (std::uint64_t{1} << 62) / (2 * n + 1);
    return q;
  }();
  const std::uint64_t square_q64 = as_integer(s * s * 0x1p64);
  std::uint64_t series_q62 = 0;
  for (std::size_t n = inverse_odd_q62.size(); n-- > 0;)
    series_q62 = inverse_odd_q62[n] + high_product(series_q62, square_q64);
  if (e == 0) return s * as_double(series_q62) * 0x1p-60;  // keeps its digits as u goes to 1
  const std::uint64_t rest_q58 = high_product(as_integer(s * 0x1p62), series_q62) >> 1;
  const std::uint64_t whole_q58 = static_cast<std::uint64_t>(e) * ln2_q58;
  return as_double(below_one ? whole_q58 + rest_q58 : whole_q58 - rest_q58) * 0x1p-57;
}

struct cos_sin {
  double cos, sin;
};

/// Cosine and sine of 2 pi u, each with relative error below 3e-16.
///
/// With the nearest quarter turn taken off (exactly) an angle a of at most pi/4 is left: Taylor series in a^2.
constexpr cos_sin turn(std::uint64_t u_q33) {
  constexpr std::uint64_t pi_4_q64 = 0xC90FDAA22168C235, pi_4_squared_q64 = 0x9DE9E64DF22EF2D2;
  const std::uint64_t quarter = (u_q33 + (1U << 30)) >> 31;
  const std::int64_t rest = static_cast<std::int64_t>(u_q33) - static_cast<std::int64_t>(quarter << 31);
  const std::uint64_t square_q64 =
      high_product(static_cast<std::uint64_t>(rest * rest) << 4, pi_4_squared_q64);
  // a0 - a^2 (a1 - a^2 (a2 - ...)) with coefficients 1/(2n)! and 1/(2n+1)!; the next one is below 2^-64.
  constexpr auto inverse_factorial_q62 = [] {
    std::array<std::uint64_t, 20> q{std::uint64_t{1} << 62};
    for (std::size_t n = 1; n < q.size(); ++n) q[n] = q[n - 1] / n;
    return q;
  }();
  std::uint64_t cos_q62 = 0, sinc_q62 = 0;
  for (std::size_t n = 10; n-- > 0;) {
    cos_q62 = inverse_factorial_q62[2 * n] - high_product(cos_q62, square_q64);
    sinc_q62 = inverse_factorial_q62[2 * n + 1] - high_product(sinc_q62, square_q64);
  }
  const double c = as_double(cos_q62) * 0x1p-62;
  const double s = static_cast<double>(rest) * as_double(high_product(sinc_q62, pi_4_q64)) * 0x1p-92;
  const bool swap = (quarter & 1) != 0;
  const double x = swap ? s : c, y = swap ? c : s;
  return {(quarter + 1) & 2 ? -x : x, quarter & 2 ? -y : y};
}

/// Four normals from four words: each pair of words makes a radius and a direction.
inline std::array<double, 4> normals(const std::array<std::uint32_t, 4>& w) {
  std::array<double, 4> four{};
  for (std::size_t k = 0; k < 4; k += 2) {
    const double r = std::sqrt(minus_two_log(uniform_q33(w[k])));
    const cos_sin direction = turn(uniform_q33(w[k + 1]));
    four[k] = r * direction.cos, four[k + 1] = r * direction.sin;
  }
  return four;
}

constexpr std::uint32_t low_word(std::uint64_t v) { return static_cast<std::uint32_t>(v); }
constexpr std::uint32_t high_word(std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }

}  // namespace detail

/// Unit normal noise that is a function of (seed, sample, stream, element) and of nothing else: not of batch size,
/// call order, thread count, machine or compiler. The same bits everywhere.
///
/// Source   Philox4x32-10 and Box and Muller 1958, A note on the generation of random normal deviates
/// Words    key = seed (low, high); counter = (element/4 (low, high), first_sample + sample, stream). Words 0 and 1
///          make elements 0 and 1 of the block of four, words 2 and 3 make 2 and 3: with u = (word + 1/2)/2^32,
///          sqrt(-2 ln u0) times cos(2 pi u1) and times sin(2 pi u1)
/// Range    at most 6.77 in size, since the words have 32 bits; 1.4e-11 of a true normal's mass lies beyond
/// Error    relative error of a double below 8e-16 against exact arithmetic; a float is that double, rounded once
/// Batches  samples 8 to 15 drawn elsewhere are those of the whole: set first_sample = 8 there
struct philox {
  std::uint64_t seed = 0;
  std::uint32_t first_sample = 0;

  /// The normal of one element.
  double normal(std::uint32_t sample, std::uint32_t stream, std::uint64_t element) const {
    return block(sample, stream, element / 4)[element % 4];
  }

  /// Writes elements first_element, first_element + 1, ... to `out`. Any way to cut a fill gives the same numbers.
  template <std::floating_point T>
  void fill(std::uint32_t sample, std::uint32_t stream, std::uint64_t first_element, std::span<T> out) const {
    std::uint64_t element = first_element;
    for (std::size_t i = 0; i < out.size();) {
      const std::array<double, 4> four = block(sample, stream, element / 4);
      for (std::size_t k = element % 4; k < 4 && i < out.size(); ++k, ++element)
        out[i++] = static_cast<T>(four[k]);
    }
  }

 private:
  std::array<double, 4> block(std::uint32_t sample, std::uint32_t stream, std::uint64_t index) const {
    using detail::high_word, detail::low_word;
    return detail::normals(philox4x32({low_word(index), high_word(index), first_sample + sample, stream},
                                      {low_word(seed), high_word(seed)}));
  }
};

}  // namespace diffode
