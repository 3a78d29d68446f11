// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/level.hpp"

#include <cmath>

namespace diffode::detail {

/// -2 ln alpha of the variance-preserving level with this lambda: ln(1 + e^(-2 lambda)), from 0 to infinity.
inline double vp_fall(double lambda) {
  // For large negative lambda the result is -2 lambda plus a small rest; exp(-2 lambda) alone would overflow.
  return lambda < 0 ? -2 * lambda + std::log1p(std::exp(2 * lambda)) : std::log1p(std::exp(-2 * lambda));
}

/// The variance-preserving level (alpha^2 + sigma^2 = 1) with this lambda, told to the model as t.
/// lambda may be infinite: +inf is alpha = 1, sigma = 0 exactly, -inf is alpha = 0, sigma = 1 exactly.
inline level<> vp_from_lambda(double t, double lambda) {
  // The smaller ratio never overflows, and neither result comes from a difference.
  const double ratio = std::exp(-std::abs(lambda));
  const double large = 1 / std::sqrt(1 + ratio * ratio), small = ratio * large;
  return lambda < 0 ? level<>{t, small, large, lambda, t} : level<>{t, large, small, lambda, t};
}

/// The variance-preserving level with this ln alpha (at most 0; -inf is pure noise), told to the model as t.
inline level<> vp_from_log_alpha(double t, double log_alpha) {
  // -expm1 keeps every digit of sigma near alpha = 1, where 1 - alpha^2 would cancel.
  const double sigma = std::sqrt(-std::expm1(2 * log_alpha));
  return {t, std::exp(log_alpha), sigma, log_alpha - std::log(sigma), t};
}

}  // namespace diffode::detail
