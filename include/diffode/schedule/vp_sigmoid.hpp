// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/schedule/vp_level.hpp"

#include <cmath>

namespace diffode {

/// Variance-preserving schedule whose alpha^2 is a piece of a falling sigmoid, scaled to go from 1 to 0.
///
/// Source  Jabri et al. 2022, arXiv:2212.11972 (the sigmoid schedule); with S the logistic function,
///         alpha^2 = (S(end/tau) - S(y))/(S(end/tau) - S(start/tau)), y = (start + t (end - start))/tau
/// Units   t in [0, 1], alpha^2 + sigma^2 = 1
/// Differs from the published code, which keeps alpha^2 at 1e-9 or above
/// Ends    t = 0 is clean data, t = 1 pure noise; both are exact
/// Errors  refuses tau that is not finite or not above 0, start and end that are beyond 300 tau, end <= start
struct vp_sigmoid {
  double start = -3, end = 3, tau = 1;

  static constexpr std::string_view name = "vp_sigmoid";

  level<> at(double t) const {
    // S(a) - S(b) = sinh((a - b)/2)/(2 cosh(a/2) cosh(b/2)): alpha^2 and sigma^2 as ratios, without a difference.
    const double gone = half_way() * t, left = half_way() * (1 - t), here = std::cosh(start / tau / 2 + gone);
    const double signal = std::sinh(left) * std::cosh(start / tau / 2);
    const double noise = std::sinh(gone) * std::cosh(end / tau / 2), whole = std::sinh(half_way()) * here;
    return make_level(t, std::sqrt(signal / whole), std::sqrt(noise / whole));
  }

  level<> at_lambda(double lambda) const {
    // sinh(u)/sinh(d - u) = q, solved for u = d t; below and above q = 1 in the form that can not overflow.
    const double d = half_way();
    const double log_q = -2 * lambda + std::log(std::cosh(start / tau / 2) / std::cosh(end / tau / 2));
    const double small = std::exp(-std::abs(log_q)), q = log_q < 0 ? small : 1, one = log_q < 0 ? 1 : small;
    return detail::vp_from_lambda(std::log1p(2 * q * std::sinh(d) / (one + q * std::exp(-d))) / (2 * d), lambda);
  }

  time_range range() const { return {0, 1}; }

  fault check() const {
    using detail::refuse;
    if (!(std::isfinite(tau) && tau > 0))
      return refuse(errc::bad_schedule, name, ": tau is ", tau, ", needs a finite number above 0");
    // Beyond 300 the squares of exp(start/tau) leave the range of a double.
    if (!(std::abs(start / tau) <= 300))
      return refuse(errc::bad_schedule, name, ": start is ", start, ", needs a number from ", -300 * tau, " to ",
                    300 * tau);
    if (!(end / tau <= 300 && end > start))
      return refuse(errc::bad_schedule, name, ": end is ", end, ", needs a number above start = ", start, " and up to ",
                    300 * tau);
    return {};
  }

 private:
  double half_way() const { return (end - start) / tau / 2; }
};

static_assert(noise_schedule<vp_sigmoid>);

}  // namespace diffode
