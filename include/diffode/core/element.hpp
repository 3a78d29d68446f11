// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/fused.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace diffode {

/// What the elements of an array are, known when a program runs.
enum class element : std::uint8_t { f64, f32, f16, bf16 };

DIFFODE_HD constexpr std::size_t bytes_of(element e) { return e == element::f64 ? 8 : e == element::f32 ? 4 : 2; }
/// The largest finite number that an element holds.
constexpr double largest(element e) {
  return e == element::f64 ? 0x1.fffffffffffffp1023 : e == element::f32 ? 0x1.fffffep127 : e == element::f16 ? 65504 : 0x1.fep127;
}
constexpr const char* name_of(element e) {
  return e == element::f64 ? "float64" : e == element::f32 ? "float32" : e == element::f16 ? "float16" : "bfloat16";
}

namespace detail {

/// v as a float that, rounded again to fewer than 22 bits, gives what v itself would give.
DIFFODE_HD constexpr float float_to_odd(double v) {
  const float f = static_cast<float>(v);
  const double rest = v - static_cast<double>(f);
  std::uint32_t bits = __builtin_bit_cast(std::uint32_t, f);
  if (rest == 0 || rest != rest || f - f != 0 || (bits & 1) != 0) return f;
  bits += (rest < 0) == (v < 0) ? 1U : ~std::uint32_t{0};
  return __builtin_bit_cast(float, bits);
}

DIFFODE_HD constexpr float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16, size = half & 0x7fffU;
  const std::uint32_t bits = size >= 0x7c00   ? 0x7f800000U | (size & 0x3ff) << 13 | (size > 0x7c00 ? 0x400000U : 0)
                             : size >= 0x0400 ? (size << 13) + 0x38000000U
                                              : __builtin_bit_cast(std::uint32_t, static_cast<float>(size) * 0x1p-24F);
  return __builtin_bit_cast(float, sign | bits);
}

/// To nearest, ties to even; a NaN stays one, with the upper bits of its payload (as processors do it).
DIFFODE_HD constexpr std::uint16_t float_to_half(float v) {
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, v), sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
  std::uint32_t half = 0x7c00;
  if (size > 0x7f800000) half = 0x7e00 | (size >> 13 & 0x3ff);
  // The last place of a half below 2^-14 is that of a float between 1/2 and 1, so the addition rounds.
  else if (size < 0x38800000) half = __builtin_bit_cast(std::uint32_t, __builtin_bit_cast(float, size) + 0.5F) - 0x3f000000U;
  else if (size < 0x477ff000) half = (size + 0xfff + (size >> 13 & 1) - 0x38000000U) >> 13;
  return static_cast<std::uint16_t>(sign | half);
}

DIFFODE_HD constexpr float bfloat_to_float(std::uint16_t b) { return __builtin_bit_cast(float, std::uint32_t{b} << 16); }

/// To nearest, ties to even; a NaN stays one, with the upper bits of its payload.
DIFFODE_HD constexpr std::uint16_t float_to_bfloat(float v) {
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, v);
  const std::uint32_t rounded = (bits & 0x7fffffff) > 0x7f800000 ? bits | 0x400000 : bits + 0x7fff + (bits >> 16 & 1);
  return static_cast<std::uint16_t>(rounded >> 16);
}

}  // namespace detail

/// A number of 16 bits of the kind E. Only for memory: diffode computes in float.
///
/// Raw bits of an engine: `float16::from_bits(0x3c00)`, or the memory itself seen as an array of float16.
template <element E>
struct short_float {
  static_assert(E == element::f16 || E == element::bf16);
  std::uint16_t bits;

  short_float() = default;
  DIFFODE_HD constexpr explicit short_float(float v) : bits(E == element::f16 ? detail::float_to_half(v) : detail::float_to_bfloat(v)) {}
  /// One rounding, from the double.
  DIFFODE_HD constexpr explicit short_float(double v) : short_float(detail::float_to_odd(v)) {}
  template <std::integral N>
  DIFFODE_HD constexpr explicit short_float(N v) : short_float(static_cast<double>(v)) {}
  DIFFODE_HD static constexpr short_float from_bits(std::uint16_t b) { return short_float(raw{}, b); }

  DIFFODE_HD constexpr explicit operator float() const { return E == element::f16 ? detail::half_to_float(bits) : detail::bfloat_to_float(bits); }
  DIFFODE_HD constexpr explicit operator double() const { return static_cast<double>(static_cast<float>(*this)); }

 private:
  struct raw {};
  DIFFODE_HD constexpr short_float(raw, std::uint16_t b) : bits(b) {}
};

/// 11 significant bits, to 65504: IEEE 754 binary16, "half", fp16.
using float16 = short_float<element::f16>;
/// 8 significant bits, the range of a float, of which it is the upper half.
using bfloat16 = short_float<element::bf16>;

/// Says which element a type of C++ is. Specialise it for a type of your own that has the very same bits.
///
/// Models  double, float, float16, bfloat16; Eigen::half and Eigen::bfloat16 (adapter/eigen.hpp)
template <class T>
struct element_traits;
template <>
struct element_traits<double> {
  static constexpr element type = element::f64;
};
template <>
struct element_traits<float> {
  static constexpr element type = element::f32;
};
template <element E>
struct element_traits<short_float<E>> {
  static constexpr element type = E;
};

template <class T>
concept elemental = requires {
  { element_traits<T>::type } -> std::convertible_to<element>;
} && sizeof(T) == bytes_of(element_traits<T>::type);

template <elemental T>
inline constexpr element element_type = element_traits<T>::type;

namespace detail {

template <element E>
struct arithmetic_of {
  using type = float;
};
template <>
struct arithmetic_of<element::f64> {
  using type = double;
};

}  // namespace detail

/// What diffode computes in for arrays of T: float, or double for double.
template <elemental T>
using arithmetic = typename detail::arithmetic_of<element_type<T>>::type;

}  // namespace diffode
