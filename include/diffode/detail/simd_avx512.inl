// SPDX-License-Identifier: MIT
//
// AVX-512 (F, BW, VL, DQ). Included by detail/simd.hpp inside a namespace and a region compiled for these instructions.

using floats = float __attribute__((vector_size(64)));
using words = std::uint32_t __attribute__((vector_size(64)));
using ints = std::int32_t __attribute__((vector_size(64)));
using halves = std::int16_t __attribute__((vector_size(32)));
using doubles = double __attribute__((vector_size(64)));
using longs = std::uint64_t __attribute__((vector_size(64)));
using few_floats = float __attribute__((vector_size(32)));  // as many as doubles

// Masks: all elements of a vector take part. GCC declares two of its builtins with signed ones.
#if defined(__clang__)
inline constexpr unsigned short all_floats = 0xffff;
#else
inline constexpr short all_floats = -1;
#endif
inline constexpr unsigned short all_halves = 0xffff;
inline constexpr unsigned char all_doubles = 0xff;
inline constexpr int rounding_as_set = 4;

[[gnu::always_inline]] inline floats fused(const floats& a, const floats& b, const floats& c) {
  return __builtin_ia32_vfmaddps512_mask(a, b, c, all_floats, rounding_as_set);
}
[[gnu::always_inline]] inline doubles fused(const doubles& a, const doubles& b, const doubles& c) {
  return __builtin_ia32_vfmaddpd512_mask(a, b, c, all_doubles, rounding_as_set);
}
/// Keeps v in a register: GCC would read it from memory again for each row that uses it.
template <class V>
[[gnu::always_inline]] inline void hold(V& v) {
  __asm__("" : "+v"(v));
}
[[gnu::always_inline]] inline floats joined(const few_floats& low, const few_floats& high) {
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
[[gnu::always_inline]] inline floats from_half(const halves& h) {
  return __builtin_ia32_vcvtph2ps512_mask(h, floats{}, all_floats, rounding_as_set);
}
[[gnu::always_inline]] inline halves to_half(const floats& v) {
  return __builtin_ia32_vcvtps2ph512_mask(v, 0, halves{}, all_halves);
}
#if defined(__clang__)
[[gnu::always_inline]] inline floats square_root(const floats& v) { return __builtin_ia32_sqrtps512(v, rounding_as_set); }
[[gnu::always_inline]] inline doubles square_root(const doubles& v) { return __builtin_ia32_sqrtpd512(v, rounding_as_set); }
#else
[[gnu::always_inline]] inline floats square_root(const floats& v) {
  return __builtin_ia32_sqrtps512_mask(v, v, all_floats, rounding_as_set);
}
[[gnu::always_inline]] inline doubles square_root(const doubles& v) {
  return __builtin_ia32_sqrtpd512_mask(v, v, static_cast<char>(-1), rounding_as_set);
}
#endif
/// The lower halves times b.
[[gnu::always_inline]] inline longs product_of_words(const longs& a, std::uint32_t b) {
#if defined(__clang__)
  return reinterpret_cast<longs>(__builtin_ia32_pmuludq512(reinterpret_cast<ints>(a), reinterpret_cast<ints>(longs{} + b)));
#else
  using signed_longs = long long __attribute__((vector_size(64)));
  return reinterpret_cast<longs>(__builtin_ia32_pmuludq512_mask(reinterpret_cast<ints>(a), reinterpret_cast<ints>(longs{} + b), signed_longs{}, all_doubles));
#endif
}
/// a0 b0 a1 b1 ...: the lower half of it, and the upper.
[[gnu::always_inline]] inline floats interleaved_low(const floats& a, const floats& b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
[[gnu::always_inline]] inline floats interleaved_high(const floats& a, const floats& b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
[[gnu::always_inline]] inline doubles interleaved_low(const doubles& a, const doubles& b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
[[gnu::always_inline]] inline doubles interleaved_high(const doubles& a, const doubles& b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
[[gnu::always_inline]] inline void stream(void* to, const floats& v) {
#if defined(__clang__)
  __builtin_nontemporal_store(v, static_cast<floats*>(to));
#else
  __builtin_ia32_movntps512(static_cast<float*>(to), v);
#endif
}
inline void end_streaming() { __builtin_ia32_sfence(); }
// GCC would convert one half after the other.
[[gnu::always_inline]] inline doubles widened(const few_floats& v) {
#if defined(__clang__)
  return __builtin_convertvector(v, doubles);
#else
  return __builtin_ia32_cvtps2pd512_mask(v, doubles{}, static_cast<char>(-1), rounding_as_set);
#endif
}
[[gnu::always_inline]] inline words widened(const halves& v) {
#if defined(__clang__)
  using unsigned_halves = std::uint16_t __attribute__((vector_size(32)));
  return __builtin_convertvector(reinterpret_cast<unsigned_halves>(v), words);
#else
  using signed_words = std::int32_t __attribute__((vector_size(64)));
  return reinterpret_cast<words>(__builtin_ia32_pmovzxwd512_mask(v, signed_words{}, all_halves));
#endif
}
