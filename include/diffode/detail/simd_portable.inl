// SPDX-License-Identifier: MIT
//
// Any processor, with the vectors of 16 bytes that nearly all have. Included by detail/simd.hpp inside a namespace.

using floats = float __attribute__((vector_size(16)));
using words = std::uint32_t __attribute__((vector_size(16)));
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
[[gnu::always_inline]] inline void stream(void* to, const floats& v) { *static_cast<floats*>(to) = v; }
inline void end_streaming() {}
[[gnu::always_inline]] inline doubles widened(const few_floats& v) { return __builtin_convertvector(v, doubles); }
[[gnu::always_inline]] inline words widened(const halves& v) {
  using unsigned_halves = std::uint16_t __attribute__((vector_size(8)));
  return __builtin_convertvector(reinterpret_cast<unsigned_halves>(v), words);
}
