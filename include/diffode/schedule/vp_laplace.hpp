// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/schedule/vp_level.hpp"

#include <cmath>

namespace diffode {

/// Variance-preserving schedule whose log-SNR has a Laplace distribution when t is uniform: most times are spent
/// around log-SNR = mu.
///
/// Source  Hang et al. 2024, arXiv:2407.03297, table 1: 2 lambda = mu - b sgn(1/2 - t) ln(1 - 2 |t - 1/2|)
/// Units   t in [0, 1]; mu, b in units of the log-SNR, which is 2 lambda; alpha^2 + sigma^2 = 1
/// Differs from beta_rule::laplace, a table with sqrt(abar) in the place of abar
/// Ends    t = 0 is clean data, t = 1 pure noise; both are exact
/// Errors  refuses a mu that is not finite, and b that is not finite or not above 0
struct vp_laplace {
  double mu = 0, b = 0.5;

  static constexpr std::string_view name = "vp_laplace";

  level<> at(double t) const {
    const double log_snr = t <= 0.5 ? mu - b * std::log(2 * t) : mu + b * std::log(2 * (1 - t));
    return detail::vp_from_lambda(t, log_snr / 2);
  }

  level<> at_lambda(double lambda) const {
    const double away = (2 * lambda - mu) / b, tail = std::exp(-std::abs(away)) / 2;
    return detail::vp_from_lambda(away >= 0 ? tail : 1 - tail, lambda);
  }

  time_range range() const { return {0, 1}; }

  fault check() const {
    using detail::refuse;
    if (!std::isfinite(mu)) return refuse(errc::bad_schedule, name, ": mu is ", mu, ", needs a finite number");
    if (!(std::isfinite(b) && b > 0))
      return refuse(errc::bad_schedule, name, ": b is ", b, ", needs a finite number above 0");
    return {};
  }
};

static_assert(noise_schedule<vp_laplace>);

}  // namespace diffode
