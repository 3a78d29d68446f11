// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/axis.hpp"
#include "diffode/core/exponential.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// The coordinate along an axis, as the variable of `history_of`.
struct along_axis {
  axis along;

  template <coefficient R>
  R operator()(const level<R>& at) const {
    return coordinate(along, at);
  }
};

/// d of the flow dy/dq = d on the state x at a level: eps along rho, eps - x0 along time. One evaluation.
///
/// From x0 after filters, d = (x - S x0)/sigma, so that the flow goes where the filtered x0 says ("to_d" in k-diffusion).
/// Where sigma = 0 that is 0/0; there d is what the model says of eps.
template <coefficient R>
value slope_of(recorder<R>& r, axis along, value x, const level<R>& at) {
  if (detail::nowhere_zero(at.sigma)) return r.sum({{x, 1 / at.sigma}, {r.denoise(x, at), -scale(along, at) / at.sigma}});
  const predictions m = r.predict_both(x, at);
  return along == axis::rho ? m.eps : r.sum({{m.eps, 1}, {m.x0, -1}});
}

/// The step while d stays what it is: Euler's, x_t = S_t (x_s/S_s + (q_t - q_s) d). Written with x0, as DDIM is, wherever
/// sigma_s > 0: that has a limit at both ends of the path.
template <coefficient R>
value euler_along(recorder<R>& r, axis along, const level<R>& s, const level<R>& t, value d) {
  const value x = r.state();
  if (detail::nowhere_zero(s.sigma)) {
    const exponential_step<R> e = exponential(prediction::x0, s, t);
    return r.sum({{x, e.A}, {r.denoise(x, s), e.first}});
  }
  const R S = scale(along, t), length = coordinate(along, t) - coordinate(along, s);
  return r.sum({{x, S / scale(along, s)}, {d, S * length}});
}

/// x_t = S_t (x_s/S_s + sum_j w_j d_j), a step from slopes of the flow.
template <coefficient R>
value step_along(recorder<R>& r, axis along, const level<R>& s, const level<R>& t, const node_weights<R>& w, const history<R>& slopes) {
  if (slopes.count == 1) return euler_along(r, along, s, t, slopes.m[0]);
  const R S = scale(along, t);
  return weighted(r, {r.state(), S / scale(along, s)}, S, w, slopes);
}

/// The slope at s and the slopes remembered before it, `most` at most; remembers it. One evaluation.
template <coefficient R>
history<R> slopes_along(recorder<R>& r, axis along, const level<R>& s, int most) {
  const value d = slope_of(r, along, r.state(), s);
  const history<R> slopes = history_of(r, d, s, most, 0, along_axis{along});
  r.remember(d, s);
  return slopes;
}

}  // namespace diffode
