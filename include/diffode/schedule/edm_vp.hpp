// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/schedule/vp_level.hpp"

#include <cmath>
#include <string_view>

namespace diffode {

/// A process with linear beta(t), told in sigma = rho: ln(1 + sigma^2) = beta_d t^2/2 + beta_min t, alpha = 1.
///
/// Source  Karras et al. 2022, arXiv:2206.00364, table 1, column "VP"; edm_vp_through solves for the two numbers
/// Units   t in [t_min, 1]; beta_min may be below 0, then sigma is 0 at some time below t_min and not only at 0
/// Differs the same sigma/alpha with alpha^2 + sigma^2 = 1 is vp_linear{beta_min, beta_min + beta_d}
/// Ends    lambda = +inf answers sigma = 0 at the time where the parabola is 0; it grows from there on
/// Errors  refuses t_min outside (0, 1), numbers that are not finite, a sigma that is 0 at t_min or falls before t = 1
struct edm_vp {
  double beta_d = 19.9, beta_min = 0.1, t_min = 1e-3;

  static constexpr std::string_view name = "edm_vp";

  level<> at(double t) const { return make_level(t, 1, std::sqrt(std::expm1((beta_d / 2 * t + beta_min) * t))); }

  level<> at_lambda(double lambda) const {
    const double growth = detail::vp_fall(lambda), sigma = std::exp(-lambda);
    const double root = std::sqrt(beta_min * beta_min + 2 * beta_d * growth);
    // Of the two forms of the root the one that adds numbers of one sign.
    const double t = std::isinf(growth) ? growth
                     : beta_min > 0     ? 2 * growth / (beta_min + root)
                                        : (root - beta_min) / beta_d;
    return {t, 1, sigma, lambda, t};
  }

  time_range range() const { return {t_min, 1}; }

  fault check() const {
    using detail::refuse;
    if (!(t_min > 0 && t_min < 1))
      return refuse(errc::bad_schedule, name, ": t_min is ", t_min, ", needs a number above 0 and below 1");
    if (!std::isfinite(beta_d))
      return refuse(errc::bad_schedule, name, ": beta_d is ", beta_d, ", needs a finite number");
    if (!(std::isfinite(beta_min) && beta_min > -beta_d * t_min / 2))
      return refuse(errc::bad_schedule, name, ": beta_min is ", beta_min, ", needs a finite number above ",
                    -beta_d * t_min / 2, " (-beta_d t_min/2), or sigma is 0 at t_min");
    if (!(beta_d > -beta_min))
      return refuse(errc::bad_schedule, name, ": beta_d is ", beta_d, ", needs a number above ", -beta_min,
                    " (-beta_min), or sigma falls before t = 1");
    return {};
  }
};

static_assert(noise_schedule<edm_vp>);

/// sigma_max is at time 1, sigma_min at time t_min.
struct edm_vp_ends {
  double sigma_min = 0.002, sigma_max = 80, t_min = 1e-3;
};

/// The edm_vp that goes through two sigmas.
///
/// Source  Karras et al. 2022, arXiv:2206.00364, appendix C.3 (the ablation); some ends give a path whose check()
///         refuses it, because sigma turns between them
/// Errors  refuses sigma_min <= 0, sigma_max <= sigma_min, t_min outside (0, 1) and numbers that are not finite
inline result<edm_vp> try_edm_vp_through(edm_vp_ends o) {
  using detail::refuse;
  constexpr std::string_view who = "edm_vp_through";
  if (!(std::isfinite(o.sigma_min) && o.sigma_min > 0))
    return refuse(errc::bad_schedule, who, ": sigma_min is ", o.sigma_min, ", needs a finite number above 0");
  if (!(std::isfinite(o.sigma_max) && o.sigma_max > o.sigma_min))
    return refuse(errc::bad_schedule, who, ": sigma_max is ", o.sigma_max,
                  ", needs a finite number above sigma_min = ", o.sigma_min);
  if (!(o.t_min > 0 && o.t_min < 1))
    return refuse(errc::bad_schedule, who, ": t_min is ", o.t_min, ", needs a number above 0 and below 1");
  const double at_end = std::log1p(o.sigma_min * o.sigma_min), at_one = std::log1p(o.sigma_max * o.sigma_max);
  const double beta_d = 2 * (at_end / o.t_min - at_one) / (o.t_min - 1);
  return edm_vp{beta_d, at_one - beta_d / 2, o.t_min};
}

inline edm_vp edm_vp_through(edm_vp_ends o) { return try_edm_vp_through(o).value(); }

}  // namespace diffode
