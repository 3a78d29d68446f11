// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/adams.hpp"
#include "diffode/tape/slope.hpp"

namespace diffode {

/// Improved PNDM: Adams-Bashforth rows for equal steps, used on steps of any length. For unequal steps take lms.
///
/// Source       Zhang, Chen 2022, arXiv:2204.13902 ("iPNDM"), after Liu et al. 2022,
///              arXiv:2202.09778: its linear multi-step rows without its start
/// Order        2 for every p > 1, p only on steps equal in the variable of the axis; with adams::ipndm_v p up to 3 where
///              the ratio of steps tends to 1, and 1 for p = 4
/// Evaluations  1 per step          Memory  p - 1 slopes
/// Ends         full order also to sigma = 0; along rho an Euler step from alpha = 0; else as `ends` says
/// Differs      one formula for DEIS, diff-sampler and diffusers, which differ in frame: alpha_t (rho_t - rho_s) is their
///              sigma_t - sigma_s alpha_t/alpha_s. stable-diffusion.cpp's ipndm_v has unequal
///              steps for p = 2 alone. diffusers' IPNDMScheduler has a noise schedule of its own
/// Legacy       adams::ipndm_v: diff-sampler's "ipndm_v", whose weights for p = 3 and 4 are not those of unequal steps; use lms
/// Names        diffusers IPNDMScheduler; ComfyUI "ipndm", "ipndm_v"; stable-diffusion.cpp ipndm, ipndm_v
/// Errors       refuses p outside 1 to 4, and ramps with orders above p
///
/// With q the variable of the axis, S its scale and slopes d_j, at p = 4
///     x_t = S_t [ x/S_s + (q_t - q_s) (55 d_0 - 59 d_1 + 37 d_2 - 9 d_3)/24 ].
struct ipndm {
  int p = 4;
  axis along = axis::rho;
  adams weights = adams::uniform;
  ramp ends{};

  static constexpr const char* name = "ipndm";
  static constexpr prediction target = prediction::x0;
  constexpr int keep() const { return p - 1; }
  constexpr int order() const {
    if (weights == adams::exact) return p;
    return weights == adams::uniform ? (p < 2 ? p : 2) : p < 4 ? p : 1;
  }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const history<R> slopes = slopes_along(r, along, s, ends.order(p, r.position()));
    const R length = coordinate(along, t) - coordinate(along, s);
    return step_along(r, along, s, t, adams_weights<R>(weights, length, slopes.offsets()), slopes);
  }

  fault check() const {
    if (p < 1 || p > 4) return detail::refuse(errc::bad_method, name, ": order p is ", p, ", needs 1 to 4");
    return ends.check(name, p);
  }
};

}  // namespace diffode
