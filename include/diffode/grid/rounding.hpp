// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

namespace diffode::detail {

/// The nearest integer, ties to the even one, whatever the rounding mode of the machine.
inline double round_half_even(double x) {
  const double below = std::floor(x), rest = x - below;
  if (rest != 0.5) return rest < 0.5 ? below : below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

/// a*b rounded to double before anything is added to it, also where the compiler fuses multiplication and addition:
/// a step that lies halfway between two integers must not depend on the machine.
inline double rounded_product(double a, double b) { return std::fma(a, b, 0.0); }

}  // namespace diffode::detail
