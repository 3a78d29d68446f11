// SPDX-License-Identifier: MIT
//
// What reads the same for vectors of any size. Included by detail/simd.hpp after simd_*.inl.

/// The same bits, as vectors of something else.
template <class To, class From>
[[gnu::always_inline]] inline To as(const From& v) {
  return reinterpret_cast<To>(v);
}
/// The same numbers, place by place.
template <class To, class From>
[[gnu::always_inline]] inline To converted(const From& v) {
  return __builtin_convertvector(v, To);
}
template <class V>
[[gnu::always_inline]] inline V product(const V& a, const V& b) {
  return a * b;
}
