// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/lane_coefficients.hpp"
#include "diffode/concept/measure.hpp"

#include <cstddef>
#include <cstdint>

namespace diffode {

/// What a combine of a shift_table has to choose from: `count` levels, whose variances begin at `first`. Nothing if count is 0.
struct shift_choices {
  std::uint32_t first, count;
  std::uint32_t own;            ///< which of them is the grid's
  std::uint64_t coefficients;  ///< where their coefficients begin, in the order row, term, level
};

namespace detail {

/// The first of the variances that come nearest to one; `own` where that is no number. As time_shift::nearest, which says why.
DIFFODE_HD inline unsigned nearest_variance(const double* expected, const shift_choices& c, double variance) {
  unsigned best = c.own;
  double least = __builtin_inf();
  for (unsigned k = 0; k < c.count; ++k) {
    const double off = variance < expected[k] ? expected[k] - variance : variance - expected[k];
    if (off < least) best = k, least = off;
  }
  return best;
}

}  // namespace detail

/// Time shift as a formula for graph_run::decide: the step that comes next goes where each lane's own variance says.
template <class F>
struct shift_formula {
  const shift_choices* steps;
  const double* variances;
  const F* coefficients;

  DIFFODE_HD void operator()(unsigned step, const lane_moments& m, const lane_coefficients<F>& to) const {
    const shift_choices& c = steps[step];
    if (c.count == 0) return;
    const F* const chosen = coefficients + c.coefficients + detail::nearest_variance(variances + c.first, c, m.squares / (m.count - 1));
    for (unsigned row = 0; row < to.outs; ++row)
      for (unsigned term = 0; term < to.ins; ++term) to(row, term) = chosen[std::size_t{row * to.ins + term} * c.count];
  }
};

}  // namespace diffode
