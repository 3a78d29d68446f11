// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/extended.hpp"
#include "diffode/core/multistep.hpp"
#include "diffode/core/option.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// ER-SDE: multistep method in sigma/alpha for the extended reverse-time SDE, with noise as a function f says.
///
/// Source       Cui et al. 2023, arXiv:2309.06169, VE and VP ER-SDE-Solver-1 to -3, in the form for any alpha and sigma
/// Order        p of the drift (published weights: 2 at p = 3), grows from 1 at the start. With noise, in the variance on normal
///              data: 1, 2, 2, for past evaluations know nothing of the noise since
/// Evaluations  1 per step          Memory  p - 1 predictions
/// Ends         first order on a step to sigma = 0, which adds no noise, or from alpha = 0; else as `ends` says
/// Noise        one per step unless eta is 0 or f(y) = y, none on a step to sigma = 0; variance share 1 - (q_t/q_s)^(2 eta).
///              An increment of the path that drives the equation, on the clock q^(-2 eta)
/// Differs      the authors' third stage, and that of ComfyUI and stable-diffusion.cpp, leaves out a term of the divided
///              difference (`curvature::published`); their integrals are left sums of 100 (authors) or 200 samples (`samples`),
///              where the default is exact. stable-diffusion.cpp's eta switches the noise and keeps the drift of the SDE, so
///              that its eta = 0 converges to nothing in particular; here the limit is the probability flow
/// Legacy       curvature::published at p = 3: drift order 2; samples = 200: drift order 1 as steps get finer
/// Errors       refuses p outside 1 to 3, negative samples, eta or s_noise outside [0, 1e6], wrong options of f, ramps with orders above p;
///              when planned, steps on which f(y)/y rises: towards noise, or where f is no noise function
/// Names        ComfyUI er_sde (er_stretched, published, samples = 200); its "Reverse-time SDE" is er_power{2} with its eta;
///              stable-diffusion.cpp er_sde
///
/// With y = sigma/alpha, f(y) = y q(y)^eta and r = f(y_t)/f(y_s), the drift is d(x/alpha)/dy = (f'/f)(x/alpha - x0), and
///     x_t = alpha_t/alpha_s r x_s + alpha_t sum_j w_j m_j + alpha_t sqrt(y_t^2 - y_s^2 r^2) z,      sum_j w_j = 1 - r,
/// where w integrates the polynomial in y through the evaluations, against f(y_t) d(1/f).
template <class F = er_stretched>
struct er_sde {
  int p = 3;
  double eta = 1;            ///< strength of the noise, as an exponent of q = f(y)/y: 0 is the probability flow
  F f{};                     ///< a noise function, see core/extended.hpp
  curvature weights = curvature::exact;
  int samples = 0;           ///< of 1/f in each integral, as the references sum them; 0: exact
  double s_noise = 1;        ///< factor on the noise, "s_noise"
  ramp ends{};

  static constexpr const char* name = "er_sde";
  static constexpr prediction target = prediction::x0;
  constexpr int keep() const { return p - 1; }
  constexpr int order() const { return samples > 0 ? 1 : p == 3 && weights == curvature::published ? 2 : p; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const auto in_rho = [](const level<R>& at) { return rho(at); };
    const history<R> nodes = history_of(r, m0, s, order_of(ends, p, r, s, t), 0, in_rho);
    r.remember(m0, s);
    // Of a step to sigma = 0 nothing is left but x0, whatever f does there.
    const R from = extended_clock(f, eta, s), to = extended_clock(f, eta, t), h = t.lambda - s.lambda;
    const R renewed = each([](double d, double sigma) { return sigma == 0 ? 0 : d; }, R(silent() ? R(0) : R(from - to)), t.sigma);
    const term<R> carried{x, t.sigma / s.sigma * exp(-renewed)};
    const value drift = nodes.count == 1 ? r.sum({carried, {m0, -t.alpha * expm1(-(h + renewed))}})
                                         : weighted(r, carried, t.alpha, weights_of(s, t, nodes), nodes);
    if (silent() || every([](double sigma) { return sigma == 0; }, t.sigma)) return drift;
    if (!every([](double d) { return d >= 0; }, renewed))
      r.refuse("f(y)/y rises on this step, y = sigma/alpha, needs to fall or stay: the step goes towards noise, or f is not a noise function here");
    return r.sum({{drift, 1}, {r.noise(from * -2, to * -2), t.sigma * sqrt(-expm1(renewed * -2)) * s_noise}});
  }

  fault check() const {
    using detail::refuse;
    if (p < 1 || p > 3) return refuse(errc::bad_method, "er_sde: order p is ", p, ", needs 1 to 3");
    if (const fault wrong = detail::check_strength(name, "eta", eta)) return wrong;
    if (samples < 0) return refuse(errc::bad_method, "er_sde: samples is ", samples, ", needs 0 or more");
    if (const fault wrong = detail::check_strength(name, "s_noise", s_noise)) return wrong;
    if constexpr (requires { f.check(); })
      if (const fault wrong = f.check()) return wrong;
    return ends.check(name, p);
  }

 private:
  bool silent() const {
    if constexpr (requires { f.silent(); }) return eta == 0 || f.silent();
    else return eta == 0;
  }

  template <coefficient R>
  node_weights<R> weights_of(const level<R>& s, const level<R>& t, const history<R>& nodes) const {
    const std::array<R, 3> I = samples > 0 ? sampled_moments(f, eta, samples, s, t) : extended_moments(f, eta, s, t);
    if (nodes.count < 3 || weights == curvature::exact) return interpolation_weights<R>(std::span<const R>(I), nodes.offsets());
    // Newton's form with I_2 where I_2 + d1 I_1 is meant.
    const R d1 = nodes.d[1], d2 = nodes.d[2], slope = I[1] / d1, bent = I[2] / (d2 * (d2 - d1)), bend = I[2] / (d1 * (d2 - d1));
    return {I[0] + slope + I[2] / (d1 * d2), -slope - bend, bent};
  }
};

}  // namespace diffode
