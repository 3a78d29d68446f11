// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/level.hpp"

#include <cmath>
#include <functional>
#include <span>
#include <vector>

/// Samplers as plain loops over one number, typed from the papers. They share no code with the library: they are what
/// the library is held to.
namespace diffode_reference {

using diffode::level;
using levels = std::span<const level<>>;

/// What a loop asks for at (x, level): the predicted x0, or the predicted noise, as the loop says.
using prediction_of = std::function<double(double x, const level<>& at)>;

using loop = std::function<double(levels, double x, const prediction_of&)>;

}  // namespace diffode_reference
