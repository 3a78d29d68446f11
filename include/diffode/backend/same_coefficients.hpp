// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/loops.hpp"

#include <cstddef>

namespace diffode::detail {

/// The coefficients of elements that all have the same ones, rounded to what is computed in, in the order that loops take them.
///
/// Brief  is the first of two rows if it has but the first term and one of the last two, as predictions made of the state and the
///        model's output have. Its row is these two coefficients, and terms of coefficient 0 are left out of it: what is infinite or no
///        number there does not show. Whether a row is brief depends on its lane's coefficients alone, so that it is for all elements of
///        the lane or for none
template <class F>
class same_coefficients {
 public:
  /// Those of one lane. Only arrays of one type have loops for brief rows.
  template <class T>
  void take(const combination<T>& c, std::size_t lane, bool of_one_type) {
    const std::size_t terms = c.in.size(), pitch = c.lanes.count;
    const double* const from = c.coefficients.data() + lane;
    second_ = of_one_type && c.out.size() == 2 ? second_of_brief(from, terms, pitch) : 0;
    if (second_ == 0) {
      row_ = terms;
      for (std::size_t k = 0; k < c.out.size() * terms; ++k) values_[k] = rounded(from[k * pitch]);
    } else {
      row_ = 2;
      values_[0] = rounded(from[0]), values_[1] = rounded(from[second_ * pitch]);
      for (std::size_t k = 0; k < terms; ++k) values_[2 + k] = rounded(from[(terms + k) * pitch]);
    }
  }

  /// The other term of a brief first row; 0 where none is brief.
  std::size_t second() const { return second_; }
  const F* all() const { return values_; }
  const F* row(std::size_t r) const { return values_ + r * row_; }

 private:
  /// Of all that is no number one, of which loops know that its lower half is 0.
  static F rounded(double c) { return static_cast<F>(c == c ? c : __builtin_nan("")); }
  static std::size_t second_of_brief(const double* row, std::size_t terms, std::size_t pitch) {
    if (terms < least_brief_terms || terms > most_brief_terms) return 0;
    for (std::size_t k = 1; k + 2 < terms; ++k)
      if (row[k * pitch] != 0) return 0;
    if (row[(terms - 2) * pitch] == 0) return terms - 1;
    return row[(terms - 1) * pitch] == 0 ? terms - 2 : 0;
  }

  std::size_t second_ = 0, row_ = 0;
  F values_[most_outputs * most_inputs];
};

}  // namespace diffode::detail
