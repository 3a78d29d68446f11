// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/hd.hpp"

#include <cstdint>

namespace diffode::detail {

/// x of float or double as the next number away from zero whose last bit is set, unless the rest that x lacks is 0. A
/// number rounded so ("to odd") can be rounded once more, to at least two bits less, without being rounded twice.
DIFFODE_HD constexpr double to_odd(double x, double rest) {
  std::uint64_t bits = __builtin_bit_cast(std::uint64_t, x);
  if (rest != 0 && (bits & 1) == 0) bits += (rest < 0) == (x < 0) ? 1U : ~std::uint64_t{0};
  return __builtin_bit_cast(double, bits);
}

/// a*b + c with one rounding. Everything that adds up does it with these, so that the bits of a result depend neither on
/// the processor nor on what a compiler makes of a*b + c.
DIFFODE_HD inline float fused(float a, float b, float c) {
#if defined(__CUDA_ARCH__) || defined(__FP_FAST_FMAF) || defined(__FMA__)
  return __builtin_fmaf(a, b, c);
#else
  // The product of two floats is exact in double. Their sum with c is rounded to odd (with the error that Knuth's two-sum
  // gives), and then to float. Infinite and undefined sums need no repair.
  const double product = static_cast<double>(a) * static_cast<double>(b), addend = static_cast<double>(c);
  const double sum = product + addend, back = sum - product;
  const double rest = (product - (sum - back)) + (addend - back);
  return static_cast<float>(rest == rest ? to_odd(sum, rest) : sum);
#endif
}
DIFFODE_HD inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }

}  // namespace diffode::detail
