// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// Legacy: "DPM++ 2M v2", a change to DPM-Solver++(2M) that takes the mean of two step lengths for the length of one.
///
/// Source       none: a variation proposed in a thread on k-diffusion; base method, Lu et al. 2022, arXiv:2211.01095, Algorithm 2
/// Order        1; on steps of equal length in lambda it is dpmpp_2m with slope::midpoint, of order 2
/// Evaluations  1 per step          Memory  1 prediction
/// Ends         first order on the first step, to sigma = 0 and from alpha = 0
/// Differs      from dpmpp_2m on unequal steps, where it does not even keep a constant prediction: use dpmpp_2m
/// Legacy       stable-diffusion.cpp's dpm++2mv2, order 1 off grids that are equidistant in lambda
/// Names        A1111 "DPM++ 2M v2" (extensions); stable-diffusion.cpp dpm++2mv2
/// Errors       none of its own
///
/// With h' the length of the step before and k = (h + h')/2,
///     x_t = sigma_t/sigma_s x + alpha_t (1 - e^-k) [ m0 + (m0 - m1)/(2 r) ],   r = max(h, h')/min(h, h').
struct dpmpp_2m_v2 {
  static constexpr const char* name = "dpmpp_2m_v2";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 1; }
  static constexpr int order() { return 1; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const history<R> nodes = history_of(r, m0, s, order_of(ramp::full(), 2, r, s, t));
    r.remember(m0, s);
    const exponential_step<R> e = exponential(target, s, t);
    if (nodes.count == 1) return r.sum({{x, e.A}, {m0, e.first}});
    const R before = nodes.d[1], g = -expm1((e.h + before) * -0.5);
    const R tilt = g * 0.5 * each([](double q) { return q < 1 ? q : 1 / q; }, R(e.h / before));
    return weighted(r, {x, e.A}, e.G, {g + tilt, -tilt}, nodes);
  }

  static fault check() { return {}; }
};

}  // namespace diffode
