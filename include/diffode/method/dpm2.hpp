// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/axis.hpp"
#include "diffode/core/stages.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// DPM2: Euler to a point between, and the whole step with a mixture of both slopes (the midpoint rule, with r = 1/2).
///
/// Source       Karras et al. 2022, arXiv:2206.00364, section 3; k-diffusion's sample_dpm_2, diff-sampler's dpm_2 for any r
/// Order        2          Evaluations  2 per step; 1 on a step to sigma = 0, and along rho from alpha = 0          Memory  none
/// Ends         an Euler step where no geometric mean lies between
/// Estimate     Euler's step
/// Differs      along axis::rho: nothing from DPM-Solver-2 (singlestep, target eps) but rounding; r = 1 is heun. The weights
///              belong to r and not to where in q the stage is, as in every reference; both are of order 2
/// Names        k-diffusion, ComfyUI dpm_2; diffusers KDPM2DiscreteScheduler; A1111 DPM2; stable-diffusion.cpp dpm2;
///              diff-sampler dpm_2. On flow models the last three programs' code runs along axis::time
/// Errors       refuses r outside [1e-4, 1]
///
/// With q the chosen variable, S the scale of its state y = x/S, d = (y - m)/q its slope, and the stage u at
/// q_u = q_s^(1-r) q_t^r,
///     y_u = y_s + (q_u - q_s) d0,   y_t = y_s + (q_t - q_s) [ (1 - 1/(2r)) d0 + 1/(2r) d1 ].
/// As d1 - d0 = (m0 - m1)/q_u, this is Euler's step and S_t (q_t - q_s)/(2 r q_u) (m0 - m1).
struct dpm2 {
  axis along = axis::rho;
  double r = 0.5;  ///< where in log q the stage lies, from 0 (the step's start) to 1 (its end)

  static constexpr const char* name = "dpm2";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 2; }

  template <coefficient R>
  value step(recorder<R>& pen, const level<R>& s, const level<R>& t) const {
    const value x = pen.state(), m0 = pen.predict(x, s);
    const exponential_step<R> e = exponential(target, s, t);
    const value low = pen.sum({{x, e.A}, {m0, e.first}});
    const R qs = coordinate(along, s), qt = coordinate(along, t);
    if (!detail::finite(qs) || !detail::nowhere_zero(qt)) return low;
    pen.estimate = low;
    const R qu = r == 1 ? qt : R(exp(log(qs) * (1 - r) + log(qt) * r));
    const level<R> u = r == 1 ? t : pen.at_lambda(lambda_of(along, qu));
    const exponential_step<R> to_u = exponential(target, s, u);
    const value m1 = pen.predict(pen.sum({{x, to_u.A}, {m0, to_u.first}}), u);
    const R w = scale(along, t) * (qt - qs) / qu * (0.5 / r);
    return pen.sum({{x, e.A}, {m0, e.first + w}, {m1, -w}});
  }

  fault check() const {
    if (r >= detail::least_ratio && r <= 1) return {};
    return detail::refuse(errc::bad_method, name, ": r is ", r, ", needs a number from ", detail::least_ratio, " to 1");
  }
};

}  // namespace diffode
