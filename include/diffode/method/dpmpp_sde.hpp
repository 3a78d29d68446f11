// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/renoise.hpp"
#include "diffode/tape/history.hpp"

#include <limits>

namespace diffode {

/// DPM-Solver++ (SDE) of k-diffusion: two stages, each with noise of one Brownian path.
///
/// Source       sample_dpmpp_sde of k-diffusion (Katherine Crowson), in the form for any alpha and sigma; the two-stage scheme is
///              DPM-Solver++(2S), Lu et al. 2022, arXiv:2211.01095, Algorithm 1
/// Order        2 in the drift: with the noise left out it solves dx/dlambda = (dln sigma/dlambda - eta^2) x + (1 + eta^2) alpha x0;
///              with eta = 0 that is the flow
/// Evaluations  2 per step, 1 on a step to sigma = 0 or from alpha = 0          Memory  none
/// Ends         first order where lambda is infinite: no point lies between; no noise on a step to sigma = 0
/// Noise        two per step if eta > 0: increments of one Brownian motion on the clock e^(2 lambda), from s to the stage and from
///              s to t, so that a source that knows paths gives them in common what they share
/// Differs      k-diffusion has alpha = 1, and runs its Brownian motion on the clock sigma, on which what the two increments have
///              in common is not what the equation says; diffusers fixes eta = 1 and r = 1/2
/// Names        k-diffusion, ComfyUI dpmpp_sde; diffusers DPMSolverSDE; A1111 DPM++ SDE
/// Errors       refuses r outside (0, 1], eta outside [0, 1], a negative s_noise; with eta > 0 a step towards noise is refused
///              when planned
///
/// One ancestral step with a prediction m, of which a share eta^2 (1 - e^(-2h)) of the noise is new, is
///     a(s, t, m) = (sigma_t/sigma_s) e^(-l) x + alpha_t (1 - e^(-h-l)) m + sigma_t sqrt(1 - e^(-2l)) s_noise z
/// with l = -log(1 - eta^2 (1 - e^(-2h)))/2; then, with u at lambda_s + r h,
///     x_u = a(s, u, m0),   x_t = a(s, t, (1 - 1/(2r)) m0 + 1/(2r) m1).
struct dpmpp_sde {
  double eta = 1;
  double r = 0.5;      ///< where in the step the second evaluation lies, from 0 (its start) to 1 (its end)
  double s_noise = 1;  ///< factor on the noise

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
    if (!detail::finite(h)) return descend(pen, s, t, {{m0, R(1)}, {m0, R(0)}});
    const level<R> u = pen.at_lambda(s.lambda + h * r);
    const value m1 = pen.predict(descend(pen, s, u, {{m0, R(1)}, {m0, R(0)}}), u);
    return descend(pen, s, t, {{m0, R(1 - 0.5 / r)}, {m1, R(0.5 / r)}});
  }

  fault check() const {
    using detail::refuse;
    if (!(r > 0 && r <= 1)) return refuse(errc::bad_method, name, ": r is ", r, ", needs a number above 0 and not above 1");
    if (!(eta >= 0 && eta <= 1)) return refuse(errc::bad_method, name, ": eta is ", eta, ", needs a number from 0 to 1");
    if (!(s_noise >= 0 && s_noise < std::numeric_limits<double>::infinity()))
      return refuse(errc::bad_method, name, ": s_noise is ", s_noise, ", needs a finite number not below 0");
    return {};
  }

 private:
  /// a(s, t, sum_k m_k) from the state at s.
  template <coefficient R>
  value descend(recorder<R>& pen, const level<R>& s, const level<R>& t, const term<R> (&m)[2]) const {
    const R h = t.lambda - s.lambda, lift = ancestral_lift(eta, h), gain = -t.alpha * expm1(-h - lift);
    const term<R> kept{pen.state(), t.sigma / s.sigma * exp(-lift)}, first{m[0].v, gain * m[0].c}, second{m[1].v, gain * m[1].c};
    if (eta == 0 || !detail::nowhere_zero(t.sigma)) return pen.sum({kept, first, second});
    return pen.sum({kept, first, second, {pen.noise(2 * s.lambda, 2 * t.lambda), fresh_noise(t, lift) * s_noise}});
  }
};

}  // namespace diffode
