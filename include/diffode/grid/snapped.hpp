// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/labelled.hpp"
#include "diffode/grid/rounding.hpp"

#include <cmath>

namespace diffode {

/// How a label becomes an integer.
///   half_even  the nearest integer, ties to the even one
///   truncate   the integer part
///   nearest    the training step whose lambda is nearest to that of the level, the smaller one of two equally near
enum class snap { half_even, truncate, nearest };

namespace detail {

inline double nearest_step(const noise_path& path, const level<>& l) {
  const double below = std::floor(l.t), above = std::ceil(l.t);
  if (below == above) return below;
  const double to_below = std::abs(path.at(below).lambda - l.lambda),
               to_above = std::abs(path.at(above).lambda - l.lambda);
  return to_above < to_below ? above : below;
}

}  // namespace detail

/// The same levels with integer labels, for models that know their training steps only. The levels do not move: what
/// the method integrates and what the model is told are two columns.
///
/// Units   labels in training steps, 0 for those before the first (some schedules go on a little beyond their table);
///         on rectified flow first multiply them (see `labelled`)
/// Errors  none for a grid with finite labels
inline result<grid> try_snapped(const grid& g, snap rule) {
  return try_labelled(g, [&](const level<>& l) {
    const double step = rule == snap::half_even  ? detail::round_half_even(l.label)
                        : rule == snap::truncate ? std::trunc(l.label)
                                                 : detail::nearest_step(g.path(), l);
    return step > 0 ? step : 0.0;
  });
}

inline grid snapped(const grid& g, snap rule) { return try_snapped(g, rule).value(); }

}  // namespace diffode
