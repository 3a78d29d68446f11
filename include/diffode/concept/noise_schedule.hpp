// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/level.hpp"

#include <concepts>
#include <string_view>

namespace diffode {

/// Times at which a schedule is defined: from (nearly) no noise to (nearly) only noise.
struct time_range {
  double clean, noisy;
};

/// A noise path: how much signal and how much noise the state holds at model time t.
///
/// Required   `at(t)`              the level at time t
///            `at_lambda(lambda)`  the level with that lambda: the inverse in closed form, no iteration
///            `range()`            the times between which `at` may be asked
///            `check()`            nothing, or why the schedule's own numbers are wrong
///            `name`               for messages
/// Semantics  all pure; lambda falls as t goes from clean to noisy; at_lambda(at(t).lambda).t == t up to rounding
/// Models     vp_linear, vp_cosine, ve, edm, flow, discrete, shifted, noise_path
/// Your own   a struct with these five members; nothing to derive from, nothing to register
template <class S>
concept noise_schedule = requires(const S& s, double v) {
  { s.at(v) } -> std::same_as<level<>>;
  { s.at_lambda(v) } -> std::same_as<level<>>;
  { s.range() } -> std::same_as<time_range>;
  { s.check() } -> std::same_as<fault>;
  { s.name } -> std::convertible_to<std::string_view>;
};

}  // namespace diffode
