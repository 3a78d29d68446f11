// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// DPM-Solver++(2S): two-stage exponential method in the data prediction. Copy this file and rename it.
///
/// Source       Lu et al. 2022, arXiv:2211.01095, Algorithm 1
/// Order        2          Evaluations  2 per step, 1 on a step to sigma = 0 or from alpha = 0          Memory  none
/// Ends         first order where lambda is infinite: no point lies between
/// Differs      from 2S of dpm-solver's code: nothing
/// Errors       refuses r outside (0, 1]
///
/// With the stage u at lambda_u = lambda_s + r h,
///     x_u = (sigma_u/sigma_s) x + alpha_u (1 - e^(-r h)) m0
///     x_t = (sigma_t/sigma_s) x + alpha_t (1 - e^(-h)) [ (1 - 1/(2r)) m0 + 1/(2r) m1 ]
struct skeleton_method {
  double r = 0.5;  ///< where in the step the second evaluation lies, from 0 (its start) to 1 (its end)

  static constexpr const char* name = "skeleton_method";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 2; }

  template <coefficient R>
  value step(recorder<R>& pen, const level<R>& s, const level<R>& t) const {
    const value x = pen.state(), m0 = pen.predict(x, s);
    const exponential_step<R> e = exponential(target, s, t);
    if (!detail::finite(e.h)) return pen.sum({{x, e.A}, {m0, e.first}});
    const level<R> u = pen.at_lambda(s.lambda + e.h * r);
    const exponential_step<R> half = exponential(target, s, u);
    const value m1 = pen.predict(pen.sum({{x, half.A}, {m0, half.first}}), u);
    return pen.sum({{x, e.A}, {m0, e.first * (1 - 0.5 / r)}, {m1, e.first * (0.5 / r)}});
  }

  fault check() const {
    if (r > 0 && r <= 1) return {};
    return detail::refuse(errc::bad_method, name, ": r is ", r, ", needs a number above 0 and not above 1");
  }
};

}  // namespace diffode
