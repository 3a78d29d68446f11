// SPDX-License-Identifier: MIT
//
// One element of an error_measure, V being double or a vector of doubles. Included once for each instruction set
// (detail/simd.hpp), and for one element, which a device shares (backend/measure_leaf.hpp).

template <class V>
[[gnu::always_inline]] DIFFODE_HD inline V scaled_error(const V& a, const V& b, const V& scale, const V& atol, const V& rtol) {
  const V zero{};
  const V size_b = b < zero ? -b : b, size_scale = scale < zero ? -scale : scale;
  const V relative = rtol * (size_scale > size_b ? size_scale : size_b);
  const V off = (a - b) / (relative > atol ? relative : atol);
  const V same = size_b - size_b == zero ? zero : off;  // an infinity is not the same as an infinity
  return a == b ? same : off;
}
