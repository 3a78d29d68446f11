// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"

namespace diffode {

/// Levels equidistant in the schedule's own time.
///
/// Source  Lu et al. 2022, arXiv:2206.00927, section 4 (the "time_uniform" steps). With `ending::zero` on a discrete
///         table: get_sigmas of k-diffusion
/// Units   from, to: times of the schedule;  count: number of steps;  labels are the times, fractional on a table
/// Errors  refuses count < 1, times outside the schedule, from == to
inline result<grid> try_uniform_time(const noise_path& path, time_steps o) {
  if (const fault f = check("uniform_time", path, o)) return *f;
  return detail::spread(
      "uniform_time", path, path.at(o.from), path.at(o.to), o.count, o.end,
      [&](double left, double gone) { return path.at(detail::mix(o.from, o.to, left, gone)); });
}

inline grid uniform_time(const noise_path& path, time_steps o) { return try_uniform_time(path, o).value(); }

}  // namespace diffode
