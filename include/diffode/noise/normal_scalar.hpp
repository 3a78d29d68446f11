// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/fused.hpp"
#include "diffode/detail/hd.hpp"

#include <cstdint>
#include <type_traits>

namespace diffode::detail::scalar {

// One number at a time, for the processor and for CUDA: the vectors of noise/normals.inl, one place wide.

using floats = float;
using ints = std::int32_t;
using words = std::uint32_t;
using doubles = double;
using longs = std::uint64_t;

using diffode::detail::fused;

template <class To, class From>
DIFFODE_HD constexpr To as(From v) {
  return __builtin_bit_cast(To, v);
}
template <class To, class From>
DIFFODE_HD constexpr To converted(From v) {
  return static_cast<To>(v);
}
DIFFODE_HD constexpr longs product_of_words(longs a, std::uint32_t b) {
  return static_cast<longs>(static_cast<std::uint32_t>(a)) * b;
}
// Device code rounds these as IEEE 754 says, whatever the flags are, and fuses no product with what a user adds to it.
#if defined(__CUDA_ARCH__)
__device__ inline float square_root(float v) { return __fsqrt_rn(v); }
__device__ inline double square_root(double v) { return __dsqrt_rn(v); }
__device__ inline float product(float a, float b) { return __fmul_rn(a, b); }
__device__ inline double product(double a, double b) { return __dmul_rn(a, b); }
#else
DIFFODE_HD inline float square_root(float v) { return __builtin_sqrtf(v); }
DIFFODE_HD inline double square_root(double v) { return __builtin_sqrt(v); }
DIFFODE_HD inline float product(float a, float b) { return a * b; }
DIFFODE_HD inline double product(double a, double b) { return a * b; }
#endif

#include "diffode/noise/normals.inl"

template <class F>
struct four_normals {
  F z[4];
};

/// The four normals, of float or double, of a counter: those of elements 4 n to 4 n + 3 where n is in counter words 0, 1.
template <class F>
DIFFODE_HD inline four_normals<F> normals_of(const four_words& counter, std::uint32_t key0, std::uint32_t key1) {
  using W = std::conditional_t<sizeof(F) == sizeof(float), words, longs>;
  four_words r = counter;
  for (int round = 0; round < 10; ++round, key0 += 0x9E3779B9U, key1 += 0xBB67AE85U) r = one_round(r, key0, key1);
  const pair_of<F> a = two_normals(static_cast<W>(r.w[0]), static_cast<W>(r.w[1])), b = two_normals(static_cast<W>(r.w[2]), static_cast<W>(r.w[3]));
  return {{a.first, a.second, b.first, b.second}};
}

}  // namespace diffode::detail::scalar
