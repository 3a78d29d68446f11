// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/measure_leaf.hpp"
#include "diffode/backend/tree.hpp"

#include <cstddef>

// What one of the 32 threads of a warp does for a leaf of backend/tree.hpp, and one thread for its branches. The processor runs
// the same code in tests, one thread after another.

namespace diffode::detail {

/// Sum number `lane` of a leaf of `count` elements: add(e, sum) takes element e into it.
template <class Add>
DIFFODE_HD double lane_sum(std::size_t count, unsigned lane, const Add& add) {
  double sum = 0;
  for (std::size_t e = lane; e < count; e += tree_width) add(e, sum);
  return sum;
}

template <class T>
DIFFODE_HD double error_lane(const error_measure<T>& m, std::size_t first, std::size_t count, unsigned lane) {
  return lane_sum(count, lane, [&](std::size_t e, double& sum) {
    const std::size_t i = first + e;
    const double off = scalar::scaled_error(static_cast<double>(m.a[i]), static_cast<double>(m.b[i]), static_cast<double>(m.scale[i]), m.atol, m.rtol);
    sum = fused(off, off, sum);
  });
}
template <class A, class B>
DIFFODE_HD double dot_lane(const A* a, const B* b, std::size_t count, unsigned lane) {
  return lane_sum(count, lane, [&](std::size_t e, double& sum) { sum = fused(static_cast<double>(a[e]), static_cast<double>(b[e]), sum); });
}
template <class T>
DIFFODE_HD double total_lane(const T* x, std::size_t count, unsigned lane) {
  return lane_sum(count, lane, [&](std::size_t e, double& sum) { sum += static_cast<double>(x[e]); });
}
template <class T>
DIFFODE_HD double squares_lane(const T* x, std::size_t count, double mean, unsigned lane) {
  return lane_sum(count, lane, [&](std::size_t e, double& sum) {
    const double off = static_cast<double>(x[e]) - mean;
    sum = fused(off, off, sum);
  });
}

/// How a measure is cut up: `parts` trees, each over `size` neighbouring elements.
struct measure_parts {
  std::size_t parts, size;
  DIFFODE_HD std::size_t leaves() const { return (size + leaf_size - 1) / leaf_size; }  ///< of each
  DIFFODE_HD std::size_t first(std::size_t leaf) const { return leaf / leaves() * size + leaf % leaves() * leaf_size; }
  DIFFODE_HD std::size_t count(std::size_t leaf) const {
    const std::size_t before = leaf % leaves() * leaf_size;
    return size - before < leaf_size ? size - before : leaf_size;
  }
};

/// Values of several trees that are to be merged: value k of tree t is number t * tree_pitch + k * value_pitch.
struct tree_values {
  std::size_t trees, values, tree_pitch, value_pitch;
};

/// How many values of one tree become one in a pass. A power of two, so these are always a branch.
inline constexpr unsigned merged_at_once = 512;

/// Level by level, neighbours become one, and one without a neighbour waits: the same tree as that of backend/tree.hpp. `room`
/// holds `count` values; thread k of `threads` does its part of the level in which `step` neighbours are one already.
template <class V>
DIFFODE_HD void merge_level(V* room, unsigned count, unsigned step, unsigned thread, unsigned threads) {
  for (unsigned k = thread * 2 * step; k + step < count; k += threads * 2 * step) room[k] = merged(room[k], room[k + step]);
}

}  // namespace diffode::detail
