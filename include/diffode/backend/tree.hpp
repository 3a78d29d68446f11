// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/measure.hpp"
#include "diffode/detail/fused.hpp"

#include <cstddef>

// The order in which every measure adds up: a tree whose shape depends on the number of elements alone, so that a result is a
// function of the data. Processor and device share it; who computes which part of it does not show.
//
// Leaf      1024 neighbouring elements, the last leaf what is left. Element e of a leaf goes to sum e % 32; each of the 32
//           sums starts from 0 and takes its elements in their order, products by fused multiply-add, in double. Then
//           sum l and sum l + 16 are added for l < 16, then l and l + 8, l + 4, l + 2, l + 1. (One warp of a device, or a
//           few vectors of a processor.) Of moments: the leaf's mean is its sum over its count, and the squared distances
//           from it are a second such sum.
// Branches  n > 1 leaves are the first p of them, p the largest power of two below n, merged with the other n - p, both
//           by the same rule. So leaves k 2^j ... (k + 1) 2^j - 1 are always a branch, whatever n is, as long as all
//           of them are there: any number of threads can each take some.

namespace diffode::detail {

inline constexpr std::size_t tree_width = 32, leaf_size = 1024;

/// The end of a leaf: its 32 sums as one.
DIFFODE_HD constexpr double halved(double* sums) {
  for (std::size_t n = tree_width / 2; n > 0; n /= 2)
    for (std::size_t l = 0; l < n; ++l) sums[l] += sums[l + n];
  return sums[0];
}

DIFFODE_HD constexpr double merged(double a, double b) { return a + b; }
/// Chan, Golub and LeVeque 1979, eq. (2.1): no digits cancel, however large the mean is.
DIFFODE_HD inline lane_moments merged(const lane_moments& a, const lane_moments& b) {
  const double count = a.count + b.count, share = b.count / count, apart = b.mean - a.mean;
  return {count, fused(apart, share, a.mean), fused(apart * apart, a.count * share, a.squares + b.squares)};
}

/// The branches of a tree whose leaves come in their order. V is double or lane_moments.
template <class V>
class tree {
 public:
  DIFFODE_HD void add(const V& leaf) {
    nodes_[depth_++] = leaf;
    ++leaves_;
    for (std::size_t n = leaves_; n % 2 == 0; n /= 2, --depth_) nodes_[depth_ - 2] = merged(nodes_[depth_ - 2], nodes_[depth_ - 1]);
  }
  DIFFODE_HD V total() const {
    if (depth_ == 0) return V{};
    V all = nodes_[depth_ - 1];
    for (std::size_t d = depth_ - 1; d-- > 0;) all = merged(nodes_[d], all);
    return all;
  }

 private:
  std::size_t leaves_ = 0, depth_ = 0;
  V nodes_[64];
};

/// How many leaves to give to a thread at once: a power of two, so that they are a branch, and at most `most_branches` times.
inline constexpr std::size_t most_branches = 64;
DIFFODE_HD constexpr std::size_t leaves_in_branch(std::size_t leaves) {
  std::size_t n = 1;
  while (n * most_branches < leaves) n *= 2;
  return n;
}

}  // namespace diffode::detail
