// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/simd.hpp"

#include <cstddef>

namespace diffode::detail {

template <class F>
const loops<F>& loops_for([[maybe_unused]] instruction_set use) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return avx512::all_loops<F>;
  if (use == instruction_set::avx2) return avx2::all_loops<F>;
#endif
  return portable::all_loops<F>;
}

template <class T, class F>
const fast_loops<T, F>& fast_loops_for([[maybe_unused]] instruction_set use) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return avx512::all_fast_loops<T, F>;
  if (use == instruction_set::avx2) return avx2::all_fast_loops<T, F>;
  static constexpr fast_loops<T, F> none;  // where there is no fused multiply-add it does not show how the loop around its replacement is made
  return none;
#else
  return portable::all_fast_loops<T, F>;
#endif
}

}  // namespace diffode::detail
