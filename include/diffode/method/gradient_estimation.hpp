// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/option.hpp"
#include "diffode/tape/slope.hpp"

namespace diffode {

/// Gradient estimation: Euler's method with a slope that goes beyond the newest, away from the one before.
///
/// Source       Permenter, Yuan 2024, arXiv:2306.04848, the gradient-estimation sampler: eps = gamma eps_s + (1 - gamma) eps_before, gamma = 2
/// Order        1; gamma = 1 is euler, and gamma = 3/2 is ipndm with p = 2, of order 2
/// Evaluations  1 per step          Memory  1 slope
/// Ends         an Euler step at the start, along rho also from alpha = 0; the formula holds to sigma = 0
/// Differs      from ComfyUI's newer versions, whose last step to sigma = 0 is an Euler step: `euler_to_zero`
/// Names        ComfyUI "gradient_estimation"; stable-diffusion.cpp euler_ge
/// Errors       refuses gamma outside [-1e6, 1e6]
///
///     x_t = S_t [ x/S_s + (q_t - q_s) (gamma d_0 + (1 - gamma) d_1) ]
/// is meant to make up for the error of a network, not for that of the step: exact weights need gamma = 1 + (q_t - q_s)/(2 (q_s - q_1)).
struct gradient_estimation {
  double gamma = 2;
  axis along = axis::rho;
  bool euler_to_zero = false;

  static constexpr const char* name = "gradient_estimation";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 1; }
  constexpr int order() const { return gamma == 1.5 ? 2 : 1; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const bool plain = euler_to_zero && !detail::nowhere_zero(t.sigma);
    const history<R> slopes = slopes_along(r, along, s, plain ? 1 : 2);
    const R length = coordinate(along, t) - coordinate(along, s);
    return step_along(r, along, s, t, {length * gamma, length * (1 - gamma)}, slopes);
  }

  fault check() const {
    if (gamma >= -detail::most_strength && gamma <= detail::most_strength) return {};
    return detail::refuse(errc::bad_method, name, ": gamma is ", gamma, ", needs a number from ", -detail::most_strength, " to ", detail::most_strength);
  }
};

}  // namespace diffode
