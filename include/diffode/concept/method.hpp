// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/recorder.hpp"

#include <concepts>
#include <string_view>
#include <type_traits>

namespace diffode {

/// A way to go from one level to the next.
///
/// Required   `step(recorder, s, t)`  records the step from level s to level t and returns the state at t; for
///                                    recorder<double> and recorder<lanes> alike
///            `target`                the prediction that `recorder::predict` is to return
///            `keep()`                how many earlier evaluations it may ask for
///            `order()`               its formal order with an exact start (the conformance suite measures it); 0 if it has none
///            `check()`               nothing, or why its options are wrong
///            `name`
/// Optional   `paired`                true where a second state travels with the first, recorder::partner
/// Semantics  pure: a step depends on its arguments and on what earlier steps chose to remember, on nothing else
/// Models     ddim, euler, heun, dpmpp_2m, dpmpp_3m, unipc
/// Your own   examples/skeleton_method/
template <class M>
concept method = requires(const M m, recorder<double>& r, const level<>& l, recorder<lanes>& r_lanes, const level<lanes>& l_lanes) {
  { m.step(r, l, l) } -> std::same_as<value>;
  { m.step(r_lanes, l_lanes, l_lanes) } -> std::same_as<value>;
  { m.target } -> std::convertible_to<prediction>;
  { m.keep() } -> std::same_as<int>;
  { m.order() } -> std::same_as<int>;
  { m.check() } -> std::same_as<fault>;
  { m.name } -> std::convertible_to<std::string_view>;
  requires std::is_trivially_copyable_v<std::remove_cvref_t<decltype(m.name)>>;  // text that outlives the method
};

}  // namespace diffode
