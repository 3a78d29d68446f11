// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/lanes.hpp"

#include <concepts>

namespace diffode {

/// A number in which a method computes: `double`, or `lanes` where the noise level differs along an axis of the state.
///
/// Required   + - * / and unary -, exp, expm1, log, log1p, sqrt, hypot, every(claim, a). No comparison, on purpose.
/// Models     double, lanes
template <class R>
concept coefficient = std::same_as<R, double> || std::same_as<R, lanes>;

}  // namespace diffode
