// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/tree.hpp"

#include <cstddef>

// The leaves of the tree, element by element: the definition, which the reference backend runs and a device shares.

namespace diffode::detail::scalar {

#include "diffode/backend/scaled_error.inl"

/// One leaf: add(e, sum) takes element e into a sum.
template <class Add>
DIFFODE_HD double leaf(std::size_t count, const Add& add) {
  double sums[tree_width] = {};
  for (std::size_t e = 0; e < count; ++e) add(e, sums[e % tree_width]);
  return halved(sums);
}

template <class T>
DIFFODE_HD double error_leaf(const error_measure<T>& m, std::size_t first, std::size_t count) {
  return leaf(count, [&](std::size_t e, double& sum) {
    const std::size_t i = first + e;
    const double off = scaled_error(static_cast<double>(m.a[i]), static_cast<double>(m.b[i]), static_cast<double>(m.scale[i]), m.atol, m.rtol);
    sum = fused(off, off, sum);
  });
}

template <class A, class B>
DIFFODE_HD double dot_leaf(const A* a, const B* b, std::size_t count) {
  return leaf(count, [&](std::size_t e, double& sum) { sum = fused(static_cast<double>(a[e]), static_cast<double>(b[e]), sum); });
}

template <class T>
DIFFODE_HD lane_moments moment_leaf(const T* x, std::size_t count) {
  const double n = static_cast<double>(count);
  const double mean = leaf(count, [&](std::size_t e, double& sum) { sum += static_cast<double>(x[e]); }) / n;
  return {n, mean, leaf(count, [&](std::size_t e, double& sum) {
            const double off = static_cast<double>(x[e]) - mean;
            sum = fused(off, off, sum);
          })};
}

}  // namespace diffode::detail::scalar
