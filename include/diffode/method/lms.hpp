// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/adams.hpp"
#include "diffode/tape/slope.hpp"

namespace diffode {

/// Linear multistep (Adams-Bashforth) method for unequal steps: the polynomial through p slopes, integrated exactly.
///
/// Source       k-diffusion's "LMS" sampler; the same as rho-AB-DEIS, Zhang, Chen 2022, arXiv:2204.13902;
///              slopes, Karras et al. 2022, arXiv:2206.00364, eq. (4); what iPNDM for unequal steps should be
/// Order        p, grows from 1 at the start          Evaluations  1 per step          Memory  p - 1 slopes
/// Ends         full order also to sigma = 0; along rho an Euler step from alpha = 0, which starts the history anew; else
///              as `ends` says
/// Differs      k-diffusion integrates the polynomial numerically, to four digits; diffusers, started within a grid, uses
///              too few slopes for its weights
/// Legacy       shifted: stable-diffusion.cpp's default (lms_shift = 1) gives weight j to the slope j - 1 steps back from j = 2
///              on: order 1, worse than Euler
/// Names        diffusers LMSDiscreteScheduler; k-diffusion sample_lms; A1111 "LMS"; ComfyUI "lms"; stable-diffusion.cpp lms
/// Errors       refuses p outside 1 to 5, and ramps with orders above p
///
/// With q the variable of the axis, y = x/S and slopes d_j at q_j:
///     y_t = y_s + sum_j d_j int_{q_s}^{q_t} prod_{k != j} (q - q_k)/(q_j - q_k) dq.
struct lms {
  int p = 4;
  axis along = axis::rho;
  bool shifted = false;
  ramp ends{};

  static constexpr const char* name = "lms";
  static constexpr prediction target = prediction::x0;
  constexpr int keep() const { return p - 1; }
  constexpr int order() const { return shifted && p > 2 ? 1 : p; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const history<R> slopes = slopes_along(r, along, s, ends.order(p, r.position()));
    const R length = coordinate(along, t) - coordinate(along, s);
    node_weights<R> w = adams_weights<R>(adams::exact, length, slopes.offsets());
    if (shifted) shift(w);
    return step_along(r, along, s, t, w, slopes);
  }

  fault check() const {
    if (p < 1 || p > max_nodes) return detail::refuse(errc::bad_method, name, ": order p is ", p, ", needs 1 to ", max_nodes);
    return ends.check(name, p);
  }

 private:
  /// Weight j >= 2 goes to slope j - 1.
  template <coefficient R>
  static void shift(node_weights<R>& w) {
    w[1] = w[1] + w[2];
    for (std::size_t j = 2; j + 1 < w.size(); ++j) w[j] = w[j + 1];
    w[w.size() - 1] = 0;
  }
};

}  // namespace diffode
