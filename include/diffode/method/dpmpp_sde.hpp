// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/renoise.hpp"
#include "diffode/core/stages.hpp"
#include "diffode/tape/history.hpp"

#include <cmath>
#include <limits>

namespace diffode {

/// DPM-Solver++ (SDE) of k-diffusion: two stages, each with noise of one Brownian path.
///
/// Source       sample_dpmpp_sde of k-diffusion (Katherine Crowson), in the form for any alpha and sigma; the two-stage scheme is
///              DPM-Solver++(2S), Lu et al. 2022, arXiv:2211.01095, Algorithm 1
/// Order        2 in distribution, for any eta; with eta = 1 and the noise left out, 2 for the drift of the reverse equation,
///              dx/dlambda = (dln sigma/dlambda - 1) x + 2 alpha x0; with eta = 0, 2 for the flow
/// Evaluations  2 per step, 1 on a step to sigma = 0 or from alpha = 0          Memory  none
/// Ends         first order where lambda is infinite: no point lies between; no noise on a step to sigma = 0
/// Noise        two per step if eta > 0: increments of a Brownian motion on the clock e^(2 lambda), from s to the stage and from
///              there to t. The step's own noise is made of both, so that any source will do
/// Differs      in k-diffusion the step's noise is one draw from s to t (`whole_increment`), of a path on the clock sigma; where the
///              source knows no paths, as in diffusers' SDE singlestep and with philox here, the two noises of a step then have
///              nothing in common, and the order in distribution falls to 1. k-diffusion has alpha = 1; diffusers' DPMSolverSDE
///              fixes eta = 1 and r = 1/2
/// Names        k-diffusion, ComfyUI dpmpp_sde; diffusers DPMSolverSDE; A1111 DPM++ SDE
/// Errors       refuses r outside [1e-4, 1], eta outside [0, 1], a negative s_noise; with eta > 0 a step towards noise is refused
///              when planned
///
/// One ancestral step with a prediction m, of which a share eta^2 (1 - e^(-2h)) of the noise is new, is
///     a(s, t, m, z) = (sigma_t/sigma_s) e^(-l) x + alpha_t (1 - e^(-h-l)) m + sigma_t sqrt(1 - e^(-2l)) s_noise z
/// with l = -log(1 - eta^2 (1 - e^(-2h)))/2; then, with u at lambda_s + r h, z1 and z2 independent,
///     x_u = a(s, u, m0, z1),   x_t = a(s, t, (1 - 1/(2r)) m0 + 1/(2r) m1, w z1 + sqrt(1 - w^2) z2),
///     w^2 = (e^(2 lambda_u) - e^(2 lambda_s))/(e^(2 lambda_t) - e^(2 lambda_s)).
struct dpmpp_sde {
  double eta = 1;
  double r = 0.5;      ///< where in the step the second evaluation lies, from 0 (its start) to 1 (its end)
  double s_noise = 1;  ///< factor on the noise
  bool whole_increment = false;  ///< the step's noise is one draw from s to t: for sources that know paths

  static constexpr const char* name = "dpmpp_sde";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 2; }

  template <coefficient R>
  value step(recorder<R>& pen, const level<R>& s, const level<R>& t) const {
    const value m0 = pen.predict(pen.state(), s);
    const R h = t.lambda - s.lambda;
    if (eta > 0 && !every([](double d) { return d >= 0; }, h))
      pen.refuse(detail::text("eta is ", eta, " on a step towards noise, needs 0: noise is drawn anew only where some is taken away"));
    const term<R> nothing{pen.state(), R(0)};
    if (!detail::finite(h)) return descend(pen, s, t, {m0, R(1)}, nothing, increment(pen, s, t), nothing);
    const level<R> u = pen.at_lambda(s.lambda + h * r);
    const term<R> z1 = increment(pen, s, u);
    const value m1 = pen.predict(descend(pen, s, u, {m0, R(1)}, nothing, z1, nothing), u);
    const term<R> old{m0, R(1 - 0.5 / r)}, mid{m1, R(0.5 / r)};
    if (whole_increment) return descend(pen, s, t, old, mid, increment(pen, s, t), nothing);
    const term<R> z2 = increment(pen, u, t);
    const R v = later_share(h);
    return descend(pen, s, t, old, mid, {z1.v, z1.c * sqrt((1 - v) * (1 + v))}, {z2.v, z2.c * v});
  }

  fault check() const {
    using detail::refuse;
    if (!(r >= detail::least_ratio && r <= 1)) return refuse(errc::bad_method, name, ": r is ", r, ", needs a number from ", detail::least_ratio, " to 1");
    if (!(eta >= 0 && eta <= 1)) return refuse(errc::bad_method, name, ": eta is ", eta, ", needs a number from 0 to 1");
    if (!(s_noise >= 0 && s_noise < std::numeric_limits<double>::infinity()))
      return refuse(errc::bad_method, name, ": s_noise is ", s_noise, ", needs a finite number not below 0");
    return {};
  }

 private:
  /// A unit normal, or nothing.
  template <coefficient R>
  term<R> increment(recorder<R>& pen, const level<R>& from, const level<R>& to) const {
    if (eta == 0 || !detail::nowhere_zero(to.sigma)) return {pen.state(), R(0)};
    return {pen.noise(2 * from.lambda, 2 * to.lambda), R(1)};
  }

  /// sqrt(1 - w^2): the weight of what happens from u to t.
  template <coefficient R>
  R later_share(const R& h) const {
    const double later = 1 - r;
    return each([later](double d) { return std::sqrt(d > 0 ? std::expm1(-2 * later * d) / std::expm1(-2 * d) : later); }, h);
  }

  /// a(s, t, m + n, y + z) from the state at s.
  template <coefficient R>
  value descend(recorder<R>& pen, const level<R>& s, const level<R>& t, const term<R>& m, const term<R>& n, const term<R>& y, const term<R>& z) const {
    const R h = t.lambda - s.lambda, lift = ancestral_lift(eta, h), gain = -t.alpha * expm1(-h - lift), fresh = fresh_noise(t, lift) * s_noise;
    return pen.sum({{pen.state(), t.sigma / s.sigma * exp(-lift)}, {m.v, gain * m.c}, {n.v, gain * n.c}, {y.v, fresh * y.c}, {z.v, fresh * z.c}});
  }
};

}  // namespace diffode
