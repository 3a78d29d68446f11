// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/schedule/vp_level.hpp"

#include <cmath>

namespace diffode {

/// Variance-preserving schedule with beta(t) linear in t.
///
/// Source  Song et al. 2021, arXiv:2011.13456, eq. (11) and appendix B; inverse from Lu et al. 2022, arXiv:2206.00927,
///         appendix D.4
/// Units   t in [0, 1], ln alpha = -t^2 (beta1 - beta0)/4 - t beta0/2, alpha^2 + sigma^2 = 1
/// Ends    t = 0 is clean data (lambda = +inf); lambda = -inf is at no finite t
/// Errors  refuses beta0 <= 0, beta1 < beta0 and numbers that are not finite
struct vp_linear {
  double beta0 = 0.1, beta1 = 20;

  static constexpr std::string_view name = "vp_linear";

  level<> at(double t) const {
    return detail::vp_from_log_alpha(t, -0.25 * t * t * (beta1 - beta0) - 0.5 * t * beta0);
  }

  level<> at_lambda(double lambda) const {
    const double fall = detail::vp_fall(lambda);
    const double root = beta0 + std::sqrt(beta0 * beta0 + 2 * (beta1 - beta0) * fall);
    return detail::vp_from_lambda(std::isinf(fall) ? fall : 2 * fall / root, lambda);
  }

  time_range range() const { return {0, 1}; }

  fault check() const {
    using detail::refuse;
    if (!(std::isfinite(beta0) && beta0 > 0))
      return refuse(errc::bad_schedule, name, ": beta0 is ", beta0, ", needs a finite number above 0");
    if (!(std::isfinite(beta1) && beta1 >= beta0))
      return refuse(errc::bad_schedule, name, ": beta1 is ", beta1,
                    ", needs a finite number not below beta0 = ", beta0);
    return {};
  }
};

static_assert(noise_schedule<vp_linear>);

}  // namespace diffode
