// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"

#include <cmath>

namespace diffode {

namespace detail {

/// Nothing, or why these can not be the ends of a path in sigma.
inline fault check_sigma_ends(std::string_view who, double sigma_min, double sigma_max) {
  if (!(std::isfinite(sigma_min) && sigma_min > 0))
    return refuse(errc::bad_schedule, who, ": sigma_min is ", sigma_min, ", needs a finite number above 0");
  if (!(std::isfinite(sigma_max) && sigma_max > sigma_min))
    return refuse(errc::bad_schedule, who, ": sigma_max is ", sigma_max,
                  ", needs a finite number above sigma_min = ", sigma_min);
  return {};
}

}  // namespace detail

/// Variance-exploding path: the data stay as they are and noise is added, sigma = t.
///
/// Source  Song et al. 2021, arXiv:2011.13456, eq. (9), with time measured in sigma
/// Units   t = sigma in [sigma_min, sigma_max], alpha = 1, lambda = -ln sigma
/// Ends    lambda = +inf answers sigma = t = 0: clean data, below sigma_min and still on the path
/// Errors  refuses sigma_min <= 0, sigma_max <= sigma_min and numbers that are not finite
struct ve {
  double sigma_min = 0.02, sigma_max = 100;

  static constexpr std::string_view name = "ve";

  level<> at(double t) const { return {t, 1, t, -std::log(t), t}; }

  level<> at_lambda(double lambda) const {
    const double sigma = std::exp(-lambda);
    return {sigma, 1, sigma, lambda, sigma};
  }

  time_range range() const { return {sigma_min, sigma_max}; }

  fault check() const { return detail::check_sigma_ends(name, sigma_min, sigma_max); }
};

static_assert(noise_schedule<ve>);

}  // namespace diffode
