// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/multistep.hpp"
#include "diffode/core/option.hpp"
#include "diffode/core/renoise.hpp"
#include "diffode/tape/history.hpp"

#include <limits>

namespace diffode {

/// RES multistep: two-step exponential method whose steps may be ancestral, down to a cleaner level and back with noise.
///
/// Source       Zhang et al. 2023, arXiv:2308.02157, the two-step scheme of RES; eta > 0, ComfyUI and stable-diffusion.cpp
/// Order        2; with eta > 0 of the drift, and in the variance on normal data          Evaluations  1 per step
/// Memory       1 prediction
/// Ends         first order on the first step, on a step to sigma = 0, which adds no noise, or from alpha = 0; else as `ends` says
/// Noise        one per step if eta > 0, increments of a Brownian motion on the clock e^(2 lambda); variance share
///              eta^2 (1 - e^(-2h)), as ddim
/// Differs      from dpmpp_2m with slope::heun, at eta = 0, and from sde_dpmpp with slope::heun, at eta = 1: nothing. From the
///              references: their state has alpha = 1, and stable-diffusion.cpp on flow models takes -log sigma for lambda and
///              splits the noise in the path's own time
/// Names        ComfyUI res_multistep (eta = 0), res_multistep_ancestral (eta = 1); stable-diffusion.cpp res_multistep. RES 2S, the
///              single-step one, is singlestep{.form = slope::heun}, with noise ancestral<singlestep>
/// Errors       refuses eta outside [0, 1], a negative s_noise, ramps with orders above 2; with eta > 0 a step towards noise
///              when planned
///
/// With `down` the level that all but a share eta^2 (1 - e^(-2h)) of sigma_t^2 at t leads to, l = lambda_down - lambda_t, and A, G,
/// g_k of core/exponential.hpp for the way from s to down, of length h + l,
///     x_down = A x + G [ g_1 m0 + g_2 (h + l)/d (m0 - m1) ]
///     x_t = alpha_t/alpha_down x_down + sigma_t sqrt(1 - e^(-2l)) s_noise z
/// where d is the length of the way down in the step before. It is not the distance of the two evaluations, lambda_s -
/// lambda_{s-1}: between them the state went down by h + l and was lifted by l, and what the prediction changed per h of
/// lambda it changes now over a way of h + l. With the distance in place of d, the order is 1.
struct res_multistep {
  double eta = 0;          ///< from 0, the flow, to 1
  double s_noise = 1;  ///< "s_noise"
  prediction target = prediction::x0;
  ramp ends{};

  static constexpr const char* name = "res_multistep";
  static constexpr int keep() { return 1; }
  static constexpr int order() { return 2; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    history<R> nodes = history_of(r, m0, s, order_of(ends, 2, r, s, t));
    if (nodes.count == 2) nodes.d[1] = nodes.d[1] + lift(r.past(0).at, s);
    r.remember(m0, s);
    if (eta == 0 || !detail::nowhere_zero(t.sigma)) return descend(r, s, t, x, nodes);
    if (!every([](double h) { return h >= 0; }, R(t.lambda - s.lambda))) {
      r.refuse(detail::text("eta is ", eta, " on a step towards noise, needs 0: noise is drawn anew only where some is taken away"));
      return x;
    }
    const R lifted = lift(s, t);
    level<R> down{t.t, R(1), R(0), R(std::numeric_limits<double>::infinity()), t.label};
    if (detail::finite(lifted)) down = r.at_lambda(t.lambda + lifted);
    const renoised<R> w = renoise(down, t, lifted);
    return r.sum({{descend(r, s, down, x, nodes), w.kept}, {r.noise(s.lambda * 2, t.lambda * 2), w.fresh * s_noise}});
  }

  fault check() const {
    using detail::refuse;
    if (!(eta >= 0 && eta <= 1)) return refuse(errc::bad_method, "res_multistep: eta is ", eta, ", needs a number from 0 to 1");
    if (const fault f = detail::check_strength(name, "s_noise", s_noise)) return f;
    return ends.check(name, 2);
  }

 private:
  template <coefficient R>
  R lift(const level<R>& s, const level<R>& t) const {
    return ancestral_lift(eta, R(t.lambda - s.lambda));
  }

  template <coefficient R>
  value descend(recorder<R>& r, const level<R>& s, const level<R>& to, value x, const history<R>& nodes) const {
    const exponential_step<R> e = exponential(target, s, to);
    if (nodes.count == 1) return r.sum({{x, e.A}, {nodes.m[0], e.first}});
    return weighted(r, {x, e.A}, e.G, two_point_weights(e, slope::heun, nodes.d[1]), nodes);
  }
};

}  // namespace diffode
