// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/axis.hpp"
#include "diffode/core/exponential.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// Heun's method (trapezoidal rule with an Euler predictor).
///
/// Source       Karras et al. 2022, arXiv:2206.00364, Algorithm 1; on the straight path, diffusers' FlowMatchHeun
/// Order        2          Evaluations  2 per step; 1 on a step to sigma = 0, and along rho from alpha = 0          Memory  none
/// Ends         an Euler step where the second slope would not exist
/// Differs      axis::rho and axis::time agree to second order and differ in their error
/// Estimate     the Euler step, order 1
/// Names        diffusers HeunDiscrete, FlowMatchHeunDiscrete (axis::time); k-diffusion, ComfyUI, stable-diffusion.cpp heun;
///              A1111 Heun; DEIS rho_rk 2heun
/// Errors       none of its own
///
/// With q the chosen variable and S the scale of its state y = x/S, dy/dq = (y - x0)/q, so that
///     x_t = S_t [ (q_t/q_s) x/S_s + (q_t - q_s)/2 (1/q_t - 2/q_s) m0 - (q_t - q_s)/(2 q_t) m1 ].
struct heun {
  axis along = axis::rho;

  static constexpr const char* name = "heun";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 2; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const exponential_step<R> e = exponential(target, s, t);
    const value y = r.sum({{x, e.A}, {m0, e.first}});
    const R Ss = scale(along, s), St = scale(along, t), qs = s.sigma / Ss, qt = t.sigma / St;
    if (!detail::finite(qs) || !detail::finite(qt) || !detail::nowhere_zero(qs) || !detail::nowhere_zero(qt)) return y;
    r.estimate = y;
    const value m1 = r.predict(y, t);
    const R half = (qt - qs) * 0.5;
    return r.sum({{x, e.A}, {m0, St * half * (1 / qt - 2 / qs)}, {m1, -St * half / qt}});
  }

  static fault check() { return {}; }
};

}  // namespace diffode
