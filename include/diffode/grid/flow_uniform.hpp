// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"

#include <string_view>

namespace diffode {

/// first, last: times before the shift, in the order of the run; `last` is followed by the ending
struct flow_steps {
  int count = 0;
  double first = 1, last = 0;
  ending end = ending::keep;
};

/// Levels of rectified flow, equidistant in the time before the shift (that is, in sigma on an unshifted flow).
///
/// Source  Esser et al. 2024, arXiv:2403.03206, the resolution shift; the defaults are those of Flux: 1 - i/count down
///         to 0. Other pipelines: first = 1 - 1/T (DPM-Solver), last = 1/T and ending::zero (FlowMatchEuler)
/// Units   times of `flow` or `shifted`; labels are sigmas after the shift
/// Errors  refuses count < 1, times outside the schedule, first == last
inline result<grid> try_flow_uniform(const noise_path& path, flow_steps o) {
  using detail::refuse;
  constexpr std::string_view who = "flow_uniform";
  if (const fault f = path.check()) return *f;
  if (o.count < 1) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at least 1");
  if (o.count > most_steps) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at most ", most_steps);
  if (const fault f = detail::check_time(who, "first", o.first, path)) return *f;
  if (const fault f = detail::check_time(who, "last", o.last, path)) return *f;
  if (o.first == o.last)
    return refuse(errc::bad_grid, who, ": last is ", o.last, ", needs to differ from `first`");
  if (const fault f = o.end.check(who)) return *f;
  return detail::spread(
      who, path, path.at(o.first), path.at(o.last), o.count, o.end,
      [&](double left, double gone) { return path.at(detail::mix(o.first, o.last, left, gone)); });
}

inline grid flow_uniform(const noise_path& path, flow_steps o) { return try_flow_uniform(path, o).value(); }

}  // namespace diffode
