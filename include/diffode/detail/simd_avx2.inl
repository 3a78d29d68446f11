// SPDX-License-Identifier: MIT
//
// AVX2 with FMA and F16C. Included by detail/simd.hpp inside a namespace and a region compiled for these instructions.

using floats = float __attribute__((vector_size(32)));
using words = std::uint32_t __attribute__((vector_size(32)));
using ints = std::int32_t __attribute__((vector_size(32)));
using halves = std::int16_t __attribute__((vector_size(16)));
using doubles = double __attribute__((vector_size(32)));
using longs = std::uint64_t __attribute__((vector_size(32)));
using few_floats = float __attribute__((vector_size(16)));  // as many as doubles

[[gnu::always_inline]] inline floats fused(const floats& a, const floats& b, const floats& c) {
  return __builtin_ia32_vfmaddps256(a, b, c);
}
[[gnu::always_inline]] inline doubles fused(const doubles& a, const doubles& b, const doubles& c) {
  return __builtin_ia32_vfmaddpd256(a, b, c);
}
/// Keeps v in a register: GCC would read it from memory again for each row that uses it.
template <class V>
[[gnu::always_inline]] inline void hold(V& v) {
  __asm__("" : "+x"(v));
}
[[gnu::always_inline]] inline floats joined(const few_floats& low, const few_floats& high) {
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}
[[gnu::always_inline]] inline floats from_half(const halves& h) { return __builtin_ia32_vcvtph2ps256(h); }
[[gnu::always_inline]] inline halves to_half(const floats& v) { return __builtin_ia32_vcvtps2ph256(v, 0); }
[[gnu::always_inline]] inline floats square_root(const floats& v) { return __builtin_ia32_sqrtps256(v); }
[[gnu::always_inline]] inline doubles square_root(const doubles& v) { return __builtin_ia32_sqrtpd256(v); }
/// The lower halves times b.
[[gnu::always_inline]] inline longs product_of_words(const longs& a, std::uint32_t b) {
  return reinterpret_cast<longs>(__builtin_ia32_pmuludq256(reinterpret_cast<ints>(a), reinterpret_cast<ints>(longs{} + b)));
}
/// a0 b0 a1 b1 ...: the lower half of it, and the upper.
[[gnu::always_inline]] inline floats interleaved_low(const floats& a, const floats& b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
[[gnu::always_inline]] inline floats interleaved_high(const floats& a, const floats& b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
[[gnu::always_inline]] inline doubles interleaved_low(const doubles& a, const doubles& b) {
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
[[gnu::always_inline]] inline doubles interleaved_high(const doubles& a, const doubles& b) {
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
[[gnu::always_inline]] inline void stream(void* to, const floats& v) {
#if defined(__clang__)
  __builtin_nontemporal_store(v, static_cast<floats*>(to));
#else
  __builtin_ia32_movntps256(static_cast<float*>(to), v);
#endif
}
inline void end_streaming() { __builtin_ia32_sfence(); }
// GCC would convert one half after the other.
[[gnu::always_inline]] inline doubles widened(const few_floats& v) { return __builtin_convertvector(v, doubles); }
[[gnu::always_inline]] inline words widened(const halves& v) {
#if defined(__clang__)
  using unsigned_halves = std::uint16_t __attribute__((vector_size(16)));
  return __builtin_convertvector(reinterpret_cast<unsigned_halves>(v), words);
#else
  return reinterpret_cast<words>(__builtin_ia32_pmovzxwd256(v));
#endif
}
