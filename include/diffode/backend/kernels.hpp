// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/simd.hpp"

#include <cstddef>

namespace diffode::detail {

/// The inner loops of one instruction set for one arithmetic F, float or double.
template <class F>
struct loops {
  using same = void (*)(const sink*, const source*, std::size_t terms, const F* coefficients, std::size_t count);
  same one_row;  ///< coefficients are the same for all elements
  void (*varying)(const sink*, const source*, std::size_t terms, const double* coefficients, std::size_t pitch, std::size_t count);
  void (*past_caches)(void* to, const void* from, std::size_t bytes);
  void (*end_of_past_caches)();
};

/// The fast loops for combines of T: all elements have the same coefficients, all rows are done at once.
template <class T, class F>
struct fast_loops {
  /// For arrays of one type: a loop for each shape, and the most terms there is one for.
  using unrolled = void (*)(const sink*, const source*, const F* coefficients, std::size_t count);
  unrolled (*find)(std::size_t rows, std::size_t terms) = nullptr;
  std::size_t most_terms = 0, unrolled_chunk = 1;
  /// For mixed types, which arrays of 16 bits become where noise is made: one for each number of rows.
  typename loops<F>::same rows[4] = {};
  std::size_t chunk = 1;  ///< of which the count must be a multiple
};

// One for each namespace of detail/simd.hpp. Nothing is compiled that T does not need.
#if defined(__x86_64__)
template <class F>
inline constexpr loops<F> loops_avx512{&avx512::looped<F, 1>, &avx512::varying<F>, &avx512::copy_past_caches, &avx512::end_streaming};
template <class F>
inline constexpr loops<F> loops_avx2{&avx2::looped<F, 1>, &avx2::varying<F>, &avx2::copy_past_caches, &avx2::end_streaming};
#endif
template <class F>
inline constexpr loops<F> loops_portable{&portable::looped<F, 1>, &portable::varying<F>, &portable::copy_past_caches, &portable::end_streaming};

template <class F>
const loops<F>& loops_for([[maybe_unused]] instruction_set use) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return loops_avx512<F>;
  if (use == instruction_set::avx2) return loops_avx2<F>;
#endif
  return loops_portable<F>;
}

template <class T, class F>
fast_loops<T, F> fast_loops_for([[maybe_unused]] instruction_set use) {
  fast_loops<T, F> all;
  constexpr bool is_mixed = !elemental<T>;
  constexpr bool may_mix = is_mixed || sizeof(T) < sizeof(F);
  // Where there is no fused multiply-add it does not show how the loop around its replacement is made.
#if defined(__x86_64__)
  if (use == instruction_set::avx512) {
    if constexpr (!is_mixed) all.find = &avx512::unrolled_for<T>, all.most_terms = avx512::unrolled_terms, all.unrolled_chunk = avx512::unrolled_at_once<T>;
    if constexpr (may_mix) all = {all.find, all.most_terms, all.unrolled_chunk, {&avx512::looped<F, 1>, &avx512::looped<F, 2>, &avx512::looped<F, 3>, &avx512::looped<F, 4>}, avx512::chunk<F>};
  } else if (use == instruction_set::avx2) {
    if constexpr (!is_mixed) all.find = &avx2::unrolled_for<T>, all.most_terms = avx2::unrolled_terms, all.unrolled_chunk = avx2::unrolled_at_once<T>;
    if constexpr (may_mix) all = {all.find, all.most_terms, all.unrolled_chunk, {&avx2::looped<F, 1>, &avx2::looped<F, 2>, &avx2::looped<F, 3>, &avx2::looped<F, 4>}, avx2::chunk<F>};
  }
#else
  if constexpr (!is_mixed) all.find = &portable::unrolled_for<T>, all.most_terms = portable::unrolled_terms, all.unrolled_chunk = portable::unrolled_at_once<T>;
  if constexpr (may_mix) all = {all.find, all.most_terms, all.unrolled_chunk, {&portable::looped<F, 1>, &portable::looped<F, 2>, &portable::looped<F, 3>, &portable::looped<F, 4>}, portable::chunk<F>};
#endif
  return all;
}

}  // namespace diffode::detail
