// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/schedule/vp_level.hpp"

#include <cmath>
#include <numbers>

namespace diffode {

/// Variance-preserving cosine schedule between two lambdas, with sigma/alpha multiplied by `factor`.
///
/// Source  Hoogeboom et al. 2023, arXiv:2301.11093, section 3.1 and appendix B: lambda = -ln tan(u) - ln factor, u from
///         arctan(e^-lambda_max) at t = 0 to arctan(e^-lambda_min) at t = 1; factor = image size / 64
/// Units   t in [0, 1]; lambda_min, lambda_max in nats of lambda (half of their log-SNR), before the shift
/// Differs vp_cosine has an offset in time instead of bounds in lambda, and normalises alpha
/// Ends    a lambda beyond those at the ends stays as it is, at the time of that end
/// Errors  refuses a factor that is not finite or not above 0, bounds that are not finite, lambda_max <= lambda_min
struct vp_cosine_shifted {
  double factor = 1, lambda_min = -7.5, lambda_max = 7.5;

  static constexpr std::string_view name = "vp_cosine_shifted";

  level<> at(double t) const {
    // Each angle is counted from its own side, so that both sines are exact where they are small.
    const double noise = first() + t * way(), signal = std::atan(std::exp(lambda_min)) + (1 - t) * way();
    return detail::vp_from_lambda(t, std::log(std::sin(signal)) - std::log(std::sin(noise)) - std::log(factor));
  }

  level<> at_lambda(double lambda) const {
    const double t = (std::atan(std::exp(-lambda) / factor) - first()) / way();
    return detail::vp_from_lambda(std::fmin(std::fmax(t, 0), 1), lambda);
  }

  time_range range() const { return {0, 1}; }

  fault check() const {
    using detail::refuse;
    if (!(std::isfinite(factor) && factor > 0))
      return refuse(errc::bad_schedule, name, ": factor is ", factor, ", needs a finite number above 0");
    if (!std::isfinite(lambda_min))
      return refuse(errc::bad_schedule, name, ": lambda_min is ", lambda_min, ", needs a finite number");
    if (!(std::isfinite(lambda_max) && lambda_max > lambda_min))
      return refuse(errc::bad_schedule, name, ": lambda_max is ", lambda_max,
                    ", needs a finite number above lambda_min = ", lambda_min);
    return {};
  }

 private:
  double first() const { return std::atan(std::exp(-lambda_max)); }
  double way() const { return std::numbers::pi / 2 - std::atan(std::exp(lambda_min)) - first(); }
};

static_assert(noise_schedule<vp_cosine_shifted>);

}  // namespace diffode
