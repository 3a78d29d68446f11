// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/backend.hpp"

#include <cstddef>

namespace diffode::detail {

/// An array that is copied as it is, if `to` is not null.
struct duplicate {
  char* to;
  const char* from;
};

/// How many terms combines of two rows have whose first row may be brief: it has but the first and one of the last two.
inline constexpr std::size_t least_brief_terms = 3, most_brief_terms = 8;

/// Copies whole cache lines past the caches; `to` begins one.
using past_caches_copy = void (*)(void* to, const void* from, std::size_t bytes);

/// The inner loops of one instruction set for one arithmetic F, float or double.
template <class F>
struct loops {
  using same = void (*)(const sink*, const source*, std::size_t terms, const F* coefficients, std::size_t count);
  same one_row;  ///< coefficients are the same for all elements
  /// Each element has its own coefficients, one loop for each number of rows.
  void (*varying[4])(const sink*, const source*, std::size_t terms, const double* coefficients, std::size_t pitch, std::size_t count);
  void (*stored)(const sink& to, const F* sums, std::size_t count);  ///< each rounded to the type of the array
  past_caches_copy past_caches;
  void (*end_of_past_caches)();
};

/// The fast loops for combines of T: all elements have the same coefficients, all rows are done at once.
template <class T, class F>
struct fast_loops {
  /// For arrays of one type: a loop for each shape, and the most terms there is one for. It may copy the last input on the way.
  using unrolled = void (*)(const sink*, const source*, const F* coefficients, const duplicate&, std::size_t count);
  const unrolled* all = nullptr;    ///< (rows - 1) * most_terms + terms - 1
  const unrolled* brief = nullptr;  ///< for two rows, the first of them brief: 2 * (terms - least_brief_terms) + terms - 1 - second
  std::size_t most_terms = 0, unrolled_chunk = 1;  ///< of which the count must be a multiple
  bool unrolls(std::size_t count_of_rows, std::size_t terms) const { return count_of_rows - 1 < 4 && terms - 1 < most_terms; }
  /// The loop for a shape that has one; `second` as same_coefficients says.
  unrolled loop(std::size_t count_of_rows, std::size_t terms, std::size_t second) const {
    return second != 0 ? brief[2 * (terms - least_brief_terms) + terms - 1 - second] : all[(count_of_rows - 1) * most_terms + terms - 1];
  }
  /// For mixed types, which arrays of 16 bits become where noise is made: one for each number of rows.
  typename loops<F>::same rows[4] = {};
  std::size_t chunk = 1;  ///< of which the count must be a multiple
};

}  // namespace diffode::detail
