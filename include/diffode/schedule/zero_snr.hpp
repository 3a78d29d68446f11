// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/discrete.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace diffode {

/// last_abar: what stands in place of the vanishing last abar; 0 keeps pure noise (rho = inf), 0x1p-24 gives
/// rho = 4096 (nearly), which methods written in rho can start from
struct zero_snr_options {
  double last_abar = 0;
};

/// A table rescaled so that its last entry holds no signal.
///
/// Source  Lin et al. 2023, arXiv:2305.08891, algorithm 1: sqrt(abar) is shifted and scaled so that the last one is 0
///         and the first one stays
/// Errors  those of the table, a table whose last alpha is 0 already, last_abar that is not below the one before it
inline result<discrete> try_zero_snr(discrete table, zero_snr_options o = {}) {
  using detail::refuse;
  if (const fault f = table.check()) return *f;
  std::vector<double>& a = table.log_alpha;
  const double first = a.front(), last = a.back();
  if (std::isinf(last))
    return refuse(errc::bad_schedule, "zero_snr: last alpha of the table is 0 already, needs above 0");
  for (double& here : a) {
    // (sqrt(abar) - last)/(first - last) from both sides: each form is exact where the other one cancels.
    const double left = std::expm1(here - last) / std::expm1(first - last);
    const double gone = std::expm1(here - first) / std::expm1(last - first);
    here = first + (left < 0.5 ? std::log(left) : std::log1p(-gone));
  }
  const double before = std::exp(2 * a[a.size() - 2]);
  if (!(o.last_abar >= 0 && o.last_abar < before))
    return refuse(errc::bad_schedule, "zero_snr: last_abar is ", o.last_abar,
                  ", needs a number not below 0 and below ", before, " (the abar before it)");
  a.back() = 0.5 * std::log(o.last_abar);
  return table;
}

inline discrete zero_snr(discrete table, zero_snr_options o = {}) {
  return try_zero_snr(std::move(table), o).value();
}

}  // namespace diffode
