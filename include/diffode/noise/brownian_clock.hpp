// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

namespace diffode::detail {

// The exponential function of the standard library differs from system to system, so it is done in 64-bit integers here.
// q62 means: an integer in units of 2^-62.

constexpr std::uint64_t high_product_portable(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t al = a & 0xFFFFFFFF, ah = a >> 32, bl = b & 0xFFFFFFFF, bh = b >> 32;
  const std::uint64_t middle = ah * bl + (al * bl >> 32);
  return ah * bh + (middle >> 32) + ((al * bh + (middle & 0xFFFFFFFF)) >> 32);
}

/// Upper half of the 128-bit product.
constexpr std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
#if defined(__SIZEOF_INT128__)
  __extension__ typedef unsigned __int128 wide;  // NOLINT(modernize-use-using): no __extension__ there
  return static_cast<std::uint64_t>(static_cast<wide>(a) * b >> 64);
#else
  return high_product_portable(a, b);
#endif
}

// By way of signed integers, which every processor converts in one instruction.
constexpr double as_double(std::uint64_t v) { return static_cast<double>(static_cast<std::int64_t>(v)); }
constexpr std::uint64_t as_integer(double v) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(v));
}

/// A point of the clock: u = 2^octave (1 + part/2^48).
struct clock_point {
  static constexpr int bits = 48;
  std::int32_t octave;
  std::uint64_t part;
  friend auto operator<=>(const clock_point&, const clock_point&) = default;  // NOLINT(modernize-use-nullptr): none here
};

/// The point at u = e^log_clock, rounded down; never falls where log_clock rises. Infinities are taken as +-1e6.
inline clock_point clock_at(double log_clock) {
  constexpr double ln2 = 0x1.62e42fefa39efp-1, limit = 1e6;
  constexpr std::uint64_t ln2_q64 = 0xB17217F7D1CF79AB, one_q62 = std::uint64_t{1} << 62;
  const double octaves = std::fmin(std::fmax(log_clock, -limit), limit) / ln2, whole = std::floor(octaves);
  const std::int32_t octave = static_cast<std::int32_t>(whole);
  const std::uint64_t fraction_q62 = as_integer((octaves - whole) * 0x1p62);
  if (fraction_q62 == one_q62) return {octave + 1, 0};  // a little below 0, where the difference rounds to 1
  const std::uint64_t x_q64 = high_product(fraction_q62 << 2, ln2_q64);
  std::uint64_t expm1_q62 = 0;  // e^x - 1 = x (1 + x/2 (1 + x/3 (...))); the next term is below 2^-64
  for (std::uint64_t n = 20; n > 0; --n) expm1_q62 = high_product(one_q62 + expm1_q62, x_q64) / n;
  return {octave, expm1_q62 >> (62 - clock_point::bits)};
}

/// u_to - u_from in units of the octave of `to`, with one rounding.
inline double clock_between(const clock_point& from, const clock_point& to) {
  const auto in_octaves = [](const clock_point& p) { return 1 + as_double(p.part) * 0x1p-48; };
  return in_octaves(to) - std::ldexp(in_octaves(from), from.octave - to.octave);
}

/// sqrt(2)^n, rounded once.
inline double root_two_to(int n) { return std::ldexp(n % 2 != 0 ? 0x1.6a09e667f3bcdp+0 : 1., n >> 1); }

}  // namespace diffode::detail
