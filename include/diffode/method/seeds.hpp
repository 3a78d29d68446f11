// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/option.hpp"
#include "diffode/core/stages.hpp"
#include "diffode/core/stochastic.hpp"
#include "diffode/tape/between.hpp"
#include "diffode/tape/history.hpp"
#include "diffode/tape/increment.hpp"

namespace diffode {

/// SEEDS-1, -2, -3: single-step exponential methods for the stochastic equation, whose stages lie on one noisy path.
///
/// Source       Gonzalez et al. 2023, arXiv:2305.14267, SEEDS-1, SEEDS-2 and SEEDS-3 in noise form (target eps) and data form
/// Order        p in the drift (2 with an r2 other than 2/3 at p = 3). With eta > 0, in the variance on normal data: 1, 2, 2, for
///              a polynomial through the stages does not follow the noise between them
/// Evaluations  p per step; 1 on a step to sigma = 0 or from alpha = 0          Memory  none
/// Ends         first order where lambda is infinite; no noise on a step to sigma = 0; else as `ends` says
/// Noise        one draw per stage if eta > 0. The state at a stage and the one at the end share what was drawn up to there
/// Differs      eta = tau^2 is the paper's 1 and may be any strength; with eta = 0 it is singlestep. The authors' code scales
///              the noise of the second stage by sigma_t where that of the stage is meant, and exchanges the shares of z1
///              and z2 at the end (p = 3, noise form)
/// Names        ComfyUI seeds_2 (phi_1 is slope::midpoint, phi_2 slope::heun), seeds_3, exp_heun_2_x0_sde (p = 2,
///              slope::heun, r1 = 1)
/// Errors       refuses p outside 1 to 3, ratios outside [1e-4, 1], r1 not below r2 by 1e-4 at p = 3, eta or s_noise
///              outside [0, 1e6], ramps with orders above p; with eta > 0, a step towards noise when planned
///
/// As singlestep, with A, G, g_k and c of core/stochastic.hpp, and in every state the noise that its path has gathered:
///     n(u) = c(s, u) z1,   n(v) = A(u, v) n(u) + c(u, v) z2,   n(t) = A(v, t) n(v) + c(v, t) z3
struct seeds {
  int p = 2;
  double eta = 1;  ///< strength of the noise, tau^2: 0 is the flow, 1 the reverse SDE
  slope form = slope::midpoint;
  prediction target = prediction::x0;
  double r1 = 0;           ///< where in the step the first stage lies; 0: 1/2 on steps of order 2, 1/3 on those of order 3
  double r2 = 2. / 3;      ///< and the second
  double s_noise = 1;  ///< "s_noise"
  ramp ends{};

  static constexpr const char* name = "seeds";
  static constexpr int keep() { return 0; }
  constexpr int order() const { return p == 3 && !(r2 > 2. / 3 - 1e-9 && r2 < 2. / 3 + 1e-9) ? 2 : p; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const exponential_step<R> e = stochastic(target, R(eta), s, t).drift;
    const int order = order_of(ends, p, r, s, t);
    path<R> noise{*this, r, s};
    if (order == 1) return noise.on(r.sum({{x, e.A}, {m0, e.first}}), t);

    const double c1 = first(order), c2 = r2;
    const level<R> u = between(r, s, t, c1);
    const exponential_step<R> to_u = stochastic(target, R(eta), s, u).drift;
    history<R> m{2, {m0, r.predict(noise.on(r.sum({{x, to_u.A}, {m0, to_u.first}}), u), u)}};
    if (order == 2) return noise.on(weighted(r, {x, e.A}, e.G, two_stage_weights(e, form, R(c1)), m), t);

    const level<R> v = between(r, s, t, c2);
    const exponential_step<R> to_v = stochastic(target, R(eta), s, v).drift;
    m.m[2] = r.predict(noise.on(weighted(r, {x, to_v.A}, to_v.G, second_stage_weights(to_v, R(c2 / c1)), m), v), v);
    m.count = 3;
    return noise.on(weighted(r, {x, e.A}, e.G, three_stage_weights(e, form, R(c1), R(c2)), m), t);
  }

  fault check() const {
    using detail::refuse;
    if (p < 1 || p > 3) return refuse(errc::bad_method, "seeds: order p is ", p, ", needs 1 to 3");
    if (!(r1 == 0 || (r1 >= detail::least_ratio && r1 <= 1)))
      return refuse(errc::bad_method, "seeds: r1 is ", r1, ", needs 0 (the usual one) or a number from ", detail::least_ratio, " to 1");
    if (!(r2 >= detail::least_ratio && r2 <= 1)) return refuse(errc::bad_method, "seeds: r2 is ", r2, ", needs a number from ", detail::least_ratio, " to 1");
    if (p == 3 && !(r2 - first(3) >= detail::least_ratio))
      return refuse(errc::bad_method, "seeds: r1 is ", first(3), " where r2 is ", r2, ", needs r1 below r2 by ", detail::least_ratio, " or more");
    if (const fault f = detail::check_strength(name, "eta", eta)) return f;
    if (const fault f = detail::check_strength(name, "s_noise", s_noise)) return f;
    return ends.check(name, p);
  }

 private:
  constexpr double first(int order) const { return r1 > 0 ? r1 : order == 2 ? 1. / 2 : 1. / 3; }

  /// The noise that the path of one step has gathered, and up to where.
  template <coefficient R>
  struct path {
    const seeds& how;
    recorder<R>& r;
    level<R> at;
    value gathered = value::none;

    /// `drift`, a state at `to`, with the path's noise on it.
    value on(value drift, const level<R>& to) {
      if (how.eta == 0 || every([](double sigma) { return sigma == 0; }, to.sigma)) return drift;
      const stochastic_step<R> part = stochastic(how.target, R(how.eta), at, to);
      const value z = increment(r, how.target, how.eta, at, to);
      gathered = gathered == value::none ? r.sum({{z, part.c * how.s_noise}})
                                         : r.sum({{gathered, part.drift.A}, {z, part.c * how.s_noise}});
      at = to;
      return r.sum({{drift, 1}, {gathered, 1}});
    }
  };
};

}  // namespace diffode
