// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/level.hpp"
#include "diffode/core/ramp.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

namespace diffode::detail {

/// Nothing, or which of a method's times is no number.
inline fault check_times(std::string_view who, std::span<const double> times) {
  for (std::size_t i = 0; i < times.size(); ++i)
    if (!std::isfinite(times[i])) return refuse(errc::bad_method, who, ": times[", i, "] is ", times[i], ", needs a finite number");
  return {};
}

/// Nothing, or why a step from s to t is not the one that a method was made for, of which these are all times; none: any is.
template <coefficient R>
fault at_times(std::span<const double> times, const step_position& where, const level<R>& s, const level<R>& t) {
  if (times.empty()) return {};
  const level<R>* const ends[] = {&s, &t};
  for (std::size_t k = 0; k < 2; ++k) {
    const std::size_t i = static_cast<std::size_t>(where.index) + k;
    const double time = times[i];
    // Files of other programs may hold times in single precision.
    if (!every([&](double at) { return std::abs(at - time) <= 1e-6 * (1 + std::abs(time)); }, ends[k]->t))
      return refuse(errc::bad_method, "level ", i, " of the grid is at time ", lane(ends[k]->t, 0), ", needs ", time, ": its grid is from_times(path, times)");
  }
  return {};
}

}  // namespace diffode::detail
