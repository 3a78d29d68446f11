// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// Euler's method along rho = sigma/alpha, the way k-diffusion and EDM write the flow: dy/drho = (y - x0)/rho, y = x/alpha.
///
/// Source       Karras et al. 2022, arXiv:2206.00364, eq. (4); the first half of Algorithm 1
/// Order        1          Evaluations  1 per step          Memory  none
/// Needs        nothing: alpha_s = 0 and sigma_t = 0 are fine
/// Differs      from ddim with eta = 0: in rounding only; also equal to DPM-Solver-1, UniP-1 and, on the straight path,
///              to Euler's method in its own time
/// Ends         nothing is lowered anywhere: a step to sigma = 0 lands on x0
/// Names        diffusers EulerDiscrete, EDMEuler, FlowMatchEulerDiscrete; k-diffusion, ComfyUI, stable-diffusion.cpp euler;
///              A1111 Euler
/// Errors       none of its own
struct euler {
  static constexpr const char* name = "euler";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state();
    if (!detail::nowhere_zero(s.sigma)) {  // inversion from clean data: the slope there is the predicted noise
      const predictions both = r.predict_both(x, s);
      return r.sum({{both.x0, t.alpha}, {both.eps, t.sigma}});
    }
    const value m = r.predict(x, s);
    const exponential_step<R> e = exponential(target, s, t);
    return r.sum({{x, e.A}, {m, e.first}});
  }

  static fault check() { return {}; }
};

}  // namespace diffode
