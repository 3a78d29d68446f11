// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"

namespace diffode {

/// Levels equidistant in lambda.
///
/// Source  Lu et al. 2022, arXiv:2206.00927, section 4 (the "logSNR" steps)
/// Units   from, to: times of the schedule;  count: number of steps
/// Errors  refuses count < 1, times outside the schedule, from == to, and ends with infinite lambda
inline result<grid> try_uniform_lambda(const noise_path& path, time_steps o) {
  if (const fault f = check("uniform_lambda", path, o)) return *f;
  const level<> from = path.at(o.from), to = path.at(o.to);
  if (const fault f = detail::check_finite_lambda("uniform_lambda", from, to)) return *f;
  return detail::spread("uniform_lambda", path, from, to, o.count, o.end, [&](double left, double gone) {
    return path.at_lambda(detail::mix(from.lambda, to.lambda, left, gone));
  });
}

inline grid uniform_lambda(const noise_path& path, time_steps o) {
  return try_uniform_lambda(path, o).value();
}

}  // namespace diffode
