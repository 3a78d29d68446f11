// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/renoise.hpp"
#include "diffode/tape/history.hpp"

#include <cmath>

namespace diffode {

/// TCD: a deterministic step that goes beyond its target, to a fraction of the target's time, and noise back to it.
///
/// Source       Zheng et al. 2024, arXiv:2402.19159, Algorithm 4 (strategic stochastic sampling)
/// Order        none (0) with gamma > 0: each step jumps over a fixed share of the time that is left, however many steps there
///              are, which a model distilled for such jumps answers and one that knows the mean of x0 does not. 1 with gamma = 0,
///              where it is ddim
/// Evaluations  1 per step          Memory  none
/// Needs        a schedule in whose time 0 is clean
/// Ends         a step to sigma = 0 or to time 0 is ddim's, without noise
/// Noise        one per step if gamma > 0, but on one to sigma = 0; independent
/// Differs      diffusers rounds s' down to a whole index (`floored`), and leaves the noise out on the last step, whose target has
///              time 0 there
/// Names        diffusers TCD (gamma is its eta); stable-diffusion.cpp tcd
/// Errors       refuses gamma outside [0, 1]; a path where time s' is noisier than t is refused when planned,
///              and so is `floored` on steps from time 1 and below to a time above 0
///
/// With s' the level at time (1 - gamma) t,
///     x_s' = alpha_s' x0 + sigma_s' eps,   x_t = (alpha_t/alpha_s') x_s' + sqrt(sigma_t^2 - (alpha_t/alpha_s')^2 sigma_s'^2) z.
struct tcd {
  double gamma = 0.3;    ///< from 0, no noise, to 1, every step by way of x0
  bool floored = false;  ///< s' is a whole number: for schedules whose time is an index

  static constexpr const char* name = "tcd";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  constexpr int order() const { return gamma == 0 ? 1 : 0; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const predictions m = r.predict_both(r.state(), s);
    if (gamma == 0 || !detail::nowhere_zero(t.sigma)) return r.sum({{m.x0, t.alpha}, {m.eps, t.sigma}});
    const R time = t.t * (1 - gamma);
    if (floored && every([](double v) { return v > 0; }, t.t) && every([](double v) { return v <= 1; }, s.t)) {
      r.refuse(detail::text("floored is true on a step from time ", lane(s.t, 0), " to ", lane(t.t, 0),
                            ", needs false: times are no whole numbers here, and 0 would stand for all below 1"));
      return r.state();
    }
    const level<R> below = r.at_time(floored ? each([](double v) { return std::floor(v); }, time) : time);
    const R lift = below.lambda - t.lambda;
    // Equal levels may differ by the rounding of lambda.
    if (!every([](double d) { return d > -1e-9; }, lift))
      r.refuse("the level at time (1 - gamma) t is noisier than that at t, needs a schedule in whose time 0 is clean");
    const renoised<R> w = renoise(below, t, lift);
    return r.sum({{m.x0, t.alpha}, {m.eps, w.kept * below.sigma}, {r.noise(), w.fresh}});
  }

  fault check() const {
    if (gamma >= 0 && gamma <= 1) return {};
    return detail::refuse(errc::bad_method, name, ": gamma is ", gamma, ", needs a number from 0 to 1");
  }
};

}  // namespace diffode
