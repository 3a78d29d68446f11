// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/measure.hpp"
#include "diffode/detail/simd.hpp"

#include <cstddef>

namespace diffode::detail {

// The leaves of one instruction set. Nothing is compiled that is not measured.
template <class T>
auto error_leaf_for([[maybe_unused]] instruction_set use) -> double (*)(const error_measure<T>&, std::size_t, std::size_t) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return &avx512::error_leaf<T>;
  if (use == instruction_set::avx2) return &avx2::error_leaf<T>;
#endif
  return &portable::error_leaf<T>;
}

template <class A, class B>
auto dot_leaf_for([[maybe_unused]] instruction_set use) -> double (*)(const A*, const B*, std::size_t) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return &avx512::dot_leaf<A, B>;
  if (use == instruction_set::avx2) return &avx2::dot_leaf<A, B>;
#endif
  return &portable::dot_leaf<A, B>;
}

template <class T>
auto moment_leaf_for([[maybe_unused]] instruction_set use) -> lane_moments (*)(const T*, std::size_t) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return &avx512::moment_leaf<T>;
  if (use == instruction_set::avx2) return &avx2::moment_leaf<T>;
#endif
  return &portable::moment_leaf<T>;
}

}  // namespace diffode::detail
