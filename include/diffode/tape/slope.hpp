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
/// With a filter eps is what the filtered x0 leaves of x, so that d = (x - S x0)/sigma goes where that x0 says ("to_d" in
/// k-diffusion).
template <coefficient R>
value slope_of(recorder<R>& r, axis along, value x, const level<R>& at) {
  const value eps = r.predict(x, at, prediction::eps);
  return along == axis::rho ? eps : r.sum({{eps, 1}, {r.denoise(x, at), -1}});
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
