// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"

#include <cmath>

namespace diffode {

namespace detail {

inline result<grid> spread_power_time(std::string_view who, const noise_path& path, const time_steps& o,
                                      double exponent) {
  if (const fault f = check(who, path, o)) return *f;
  if (!(std::isfinite(exponent) && exponent > 0))
    return refuse(errc::bad_grid, who, ": exponent is ", exponent, ", needs a finite number above 0");
  if (!(o.from >= 0)) return refuse(errc::bad_grid, who, ": from is ", o.from, ", needs a time not below 0");
  if (!(o.to >= 0)) return refuse(errc::bad_grid, who, ": to is ", o.to, ", needs a time not below 0");
  const double from = std::pow(o.from, 1 / exponent), to = std::pow(o.to, 1 / exponent);
  return spread(who, path, path.at(o.from), path.at(o.to), o.count, o.end, [&](double left, double gone) {
    return path.at(std::pow(mix(from, to, left, gone), exponent));
  });
}

}  // namespace detail

/// Levels equidistant in t^(1/exponent): the larger the exponent, the denser the small times.
///
/// Source  Zhang, Chen 2022, arXiv:2204.13902 (the time grids of DEIS)
/// Units   from, to: times of the schedule, not below 0;  count: number of steps
/// Errors  those of uniform_time; refuses times below 0 and an exponent that is not finite or not above 0
inline result<grid> try_power_time(const noise_path& path, time_steps o, double exponent) {
  return detail::spread_power_time("power_time", path, o, exponent);
}

inline grid power_time(const noise_path& path, time_steps o, double exponent) {
  return try_power_time(path, o, exponent).value();
}

/// Levels equidistant in sqrt(t): power_time with exponent 2.
///
/// Source  Song, Meng, Ermon 2020, arXiv:2010.02502; "time_quadratic" in dpm-solver
/// Errors  those of power_time
inline result<grid> try_quadratic(const noise_path& path, time_steps o) {
  return detail::spread_power_time("quadratic", path, o, 2);
}

inline grid quadratic(const noise_path& path, time_steps o) { return try_quadratic(path, o).value(); }

}  // namespace diffode
