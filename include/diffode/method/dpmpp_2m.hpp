// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/multistep.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// DPM-Solver++(2M): two-step exponential multistep method. With target = eps it is DPM-Solver-2M, the noise form.
///
/// Source       Lu et al. 2022, arXiv:2211.01095, Algorithm 2; noise form, arXiv:2206.00927
/// Order        2, 1 on the first step          Evaluations  1 per step          Memory  1 prediction
/// Ends         first order on a step to sigma = 0 or from alpha = 0; else as `ends` says
/// Differs      from k-diffusion's function of that name: nothing, with slope::midpoint and ramp::full()
/// Names        diffusers DPMSolverMultistep (solver_order 2; algorithm_type dpmsolver: target eps), EDMDPMSolverMultistep;
///              k-diffusion, ComfyUI dpmpp_2m; A1111 DPM++ 2M; stable-diffusion.cpp dpm++2m, res_multistep (slope::heun)
/// Errors       refuses a ramp with orders other than 1 and 2; a noise form from alpha = 0 is refused when planned
struct dpmpp_2m {
  slope form = slope::midpoint;
  prediction target = prediction::x0;
  ramp ends{};

  static constexpr const char* name = "dpmpp_2m";
  static constexpr int keep() { return 1; }
  static constexpr int order() { return 2; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const history<R> nodes = history_of(r, m0, s, order_of(ends, 2, r, s, t));
    r.remember(m0, s);
    const exponential_step<R> e = exponential(target, s, t);
    if (nodes.count == 1) return r.sum({{x, e.A}, {m0, e.first}});
    return weighted(r, {x, e.A}, e.G, two_point_weights(e, form, nodes.d[1]), nodes);
  }

  fault check() const { return ends.check(name, 2); }
};

}  // namespace diffode
