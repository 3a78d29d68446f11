// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/discrete.hpp"

#include <cmath>
#include <utility>

namespace diffode {

/// A table without the entries at its noisy end that have lambda below `lambda_min`. Cosine tables reach alpha values
/// so small that methods in lambda suffer; -5.1 is customary.
///
/// Source  Lu et al. 2022, arXiv:2206.00927 (dpm-solver, numerical_clip_alpha); "lambda_min_clipped" in diffusers
/// Units   lambda in nats; indices keep their meaning, the table only gets shorter
/// Errors  those of the table, lambda_min that is NaN or leaves fewer than two entries
inline result<discrete> try_clipped(discrete table, double lambda_min = -5.1) {
  using detail::refuse;
  if (const fault f = table.check()) return *f;
  std::size_t kept = 0;
  while (kept < table.log_alpha.size() &&
         detail::vp_from_log_alpha(0, table.log_alpha[kept]).lambda >= lambda_min)
    ++kept;
  if (kept < 2)
    return refuse(errc::bad_schedule, "clipped: lambda_min is ", lambda_min, ", needs a number not above ",
                  detail::vp_from_log_alpha(0, table.log_alpha[1]).lambda, " (two entries of the table)");
  table.log_alpha.resize(kept);
  return table;
}

inline discrete clipped(discrete table, double lambda_min = -5.1) {
  return try_clipped(std::move(table), lambda_min).value();
}

}  // namespace diffode
