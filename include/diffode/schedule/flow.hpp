// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"

#include <cmath>

namespace diffode {

/// Rectified flow: the straight line from data to noise.
///
/// Source  Liu et al. 2022, arXiv:2209.03003; Lipman et al. 2022, arXiv:2210.02747 with sigma_min = 0
/// Units   t = sigma in [0, 1], alpha = 1 - t, lambda = ln((1 - t)/t)
/// Ends    t = 1 is pure noise (lambda = -inf), t = 0 clean data (lambda = +inf); both are exact
/// Errors  none: there is nothing to choose
struct flow {
  static constexpr std::string_view name = "flow";

  level<> at(double t) const { return {t, 1 - t, t, std::log1p(-t) - std::log(t), t}; }

  level<> at_lambda(double lambda) const {
    const double sigma = 1 / (1 + std::exp(lambda));
    return {sigma, 1 / (1 + std::exp(-lambda)), sigma, lambda, sigma};
  }

  time_range range() const { return {0, 1}; }
  fault check() const { return {}; }
};

static_assert(noise_schedule<flow>);

}  // namespace diffode
