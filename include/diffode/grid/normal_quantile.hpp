// SPDX-License-Identifier: MIT
#pragma once

#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace diffode::detail {

/// The z below which a unit normal number lies with probability below/(below + above); counts instead of a probability,
/// so that both tails have all digits.
///
/// Range  below, above >= 0, not both 0; 0 below is -inf, 0 above is +inf
/// Error  relative, below 1e-15 in the tails; absolute, below 1e-16 in the middle
inline double normal_quantile(double below, double above) {
  assert(below >= 0 && above >= 0 && below + above > 0);
  if (above < below) return -normal_quantile(above, below);
  if (below == above) return 0;
  const double p = below / (below + above);
  if (p == 0) return -std::numeric_limits<double>::infinity();
  // Abramowitz, Stegun 1964, 26.2.23: wrong by less than 5e-4. Each turn of Halley's method cubes that.
  const double s = std::sqrt(-2 * std::log(p));
  double z = (2.515517 + s * (0.802853 + s * 0.010328)) / (1 + s * (1.432788 + s * (0.189269 + s * 0.001308))) - s;
  for (int turn = 0; turn < 3; ++turn) {
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    const double step = (std::erfc(-z / std::numbers::sqrt2) / 2 - p) / density;
    z -= step / (1 + z * step / 2);
  }
  return z;
}

}  // namespace diffode::detail
