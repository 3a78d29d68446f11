// SPDX-License-Identifier: MIT
//
// Any processor, with the vectors of 16 bytes that nearly all have. Included by detail/simd.hpp inside a namespace.

using floats = float __attribute__((vector_size(16)));
using words = std::uint32_t __attribute__((vector_size(16)));
using ints = std::int32_t __attribute__((vector_size(16)));
using halves = std::int16_t __attribute__((vector_size(8)));
using doubles = double __attribute__((vector_size(16)));
using longs = std::uint64_t __attribute__((vector_size(16)));
using few_floats = float __attribute__((vector_size(8)));  // as many as doubles

// One by one: where the processor has the instruction, compilers make vectors of it; where it has not, this is exact.
template <class V>
[[gnu::always_inline]] inline V fused(const V& a, const V& b, const V& c) {
  V sum = c;
  for (std::size_t k = 0; k < sizeof(V) / sizeof(a[0]); ++k) sum[k] = diffode::detail::fused(a[k], b[k], c[k]);
  return sum;
}
template <class V>
[[gnu::always_inline]] inline void hold(V&) {}
[[gnu::always_inline]] inline floats joined(const few_floats& low, const few_floats& high) {
  return floats{low[0], low[1], high[0], high[1]};
}
[[gnu::always_inline]] inline floats from_half(const halves& h) {
  floats v{};
  for (std::size_t k = 0; k < 4; ++k) v[k] = half_to_float(static_cast<std::uint16_t>(h[k]));
  return v;
}
[[gnu::always_inline]] inline halves to_half(const floats& v) {
  halves h{};
  for (std::size_t k = 0; k < 4; ++k) h[k] = static_cast<std::int16_t>(float_to_half(v[k]));
  return h;
}
[[gnu::always_inline]] inline floats square_root(const floats& v) {
  return floats{__builtin_sqrtf(v[0]), __builtin_sqrtf(v[1]), __builtin_sqrtf(v[2]), __builtin_sqrtf(v[3])};
}
[[gnu::always_inline]] inline doubles square_root(const doubles& v) {
  return doubles{__builtin_sqrt(v[0]), __builtin_sqrt(v[1])};
}
/// The lower halves times b.
[[gnu::always_inline]] inline longs product_of_words(const longs& a, std::uint32_t b) { return (a & 0xffffffffU) * b; }
/// a0 b0 a1 b1 ...: the lower half of it, and the upper.
[[gnu::always_inline]] inline floats interleaved_low(const floats& a, const floats& b) { return floats{a[0], b[0], a[1], b[1]}; }
[[gnu::always_inline]] inline floats interleaved_high(const floats& a, const floats& b) { return floats{a[2], b[2], a[3], b[3]}; }
[[gnu::always_inline]] inline doubles interleaved_low(const doubles& a, const doubles& b) { return doubles{a[0], b[0]}; }
[[gnu::always_inline]] inline doubles interleaved_high(const doubles& a, const doubles& b) { return doubles{a[1], b[1]}; }
[[gnu::always_inline]] inline void stream(void* to, const floats& v) { *static_cast<floats*>(to) = v; }
inline void end_streaming() {}
[[gnu::always_inline]] inline doubles widened(const few_floats& v) { return __builtin_convertvector(v, doubles); }
[[gnu::always_inline]] inline words widened(const halves& v) {
  using unsigned_halves = std::uint16_t __attribute__((vector_size(8)));
  return __builtin_convertvector(reinterpret_cast<unsigned_halves>(v), words);
}
