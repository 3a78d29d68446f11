// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/level.hpp"

#include <concepts>

namespace diffode {

/// Decides which levels a run visits.
///
/// Required   `steps()`          how many steps there are
///            `at(i)`            the level of point i, 0 to steps()
///            `between(lambda)`  the point of the noise path with this lambda, for stages inside a step
///            `lanes()`          which element of the state belongs to which lane
///            `check()`          nothing, or why there can be no run
/// Optional   `at_time(t)`       the point of the noise path at time t, for methods whose formulas are in time
/// Models     fixed
template <class C, class R>
concept control = coefficient<R> && requires(const C& c, int i, const R& lambda) {
  { c.steps() } -> std::same_as<int>;
  { c.at(i) } -> std::same_as<level<R>>;
  { c.between(lambda) } -> std::same_as<level<R>>;
  { c.lanes() } -> std::same_as<lane_map>;
  { c.check() } -> std::same_as<fault>;
};

}  // namespace diffode
