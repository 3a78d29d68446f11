// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/multistep.hpp"
#include "diffode/core/option.hpp"
#include "diffode/core/stochastic.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// SDE-DPM-Solver++: exponential multistep method for the stochastic equation, orders 1 to 3. With target = eps it is SDE-DPM-Solver.
///
/// Source       Lu et al. 2022, arXiv:2211.01095, SDE-DPM-Solver++(1) and (2M), and its noise form, for eta = 1; any eta,
///              Xue et al. 2023, arXiv:2309.05019, with eta = tau^2; order 3, core/interpolation.hpp
/// Order        p of the drift (published weights: 2 at p = 3), grows from 1 at the start. With eta > 0, in the variance on
///              normal data: 1, 2, 2, for past evaluations know nothing of the noise since
/// Evaluations  1 per step          Memory  p - 1 predictions
/// Ends         first order on a step to sigma = 0, which adds no noise, or from alpha = 0; else as `ends` says
/// Noise        one per step if eta > 0, none on a step to sigma = 0; variance share 1 - e^(-2 eta h) in data form. An
///              increment of the path that drives the equation
/// Differs      at p = 3, k-diffusion and diffusers halve the curvature (`curvature::published`), and diffusers gives it the
///              wrong sign besides (`flipped`). k-diffusion takes increments of a path in sigma whatever eta is.
///              stable-diffusion.cpp's dpm++2m_sde leaves out the rescaling by alpha, so that on flow models its results
///              are too wide by half; there is no option to repeat that
/// Legacy       curvature::published at p = 3: drift order 2; flipped: drift order 1
/// Errors       refuses p outside 1 to 3, eta or s_noise outside [0, 1e6], `flipped` with other weights than it belongs to,
///              ramps with orders above p; with eta > 0, a step towards noise when planned
/// Names        diffusers DPMSolverMultistepScheduler with algorithm_type sde-dpmsolver++ and sde-dpmsolver (eta = 1);
///              k-diffusion, ComfyUI sample_dpmpp_2m_sde, sample_dpmpp_3m_sde (slope::heun, published); A1111 DPM++ 2M SDE,
///              DPM++ 2M SDE Heun, DPM++ 3M SDE; stable-diffusion.cpp dpm++2m_sde
///
/// With D0 = (m0 - m1)/d1 and two points, x_t = A x + G (g_1 m0 + S h D0) + c z; S = g_1/2 (midpoint) or g_2 (heun), and A, G,
/// g_k, c are those of core/stochastic.hpp.
struct sde_dpmpp {
  int p = 2;
  double eta = 1;                ///< strength of the noise, tau^2: 0 is dpmpp_2m and dpmpp_3m, 1 the reverse SDE
  slope form = slope::midpoint;  ///< of its two-point steps
  curvature weights = curvature::exact;
  bool flipped = false;          ///< three-point steps with diffusers' sign of the curvature; needs curvature::published
  prediction target = prediction::x0;
  double s_noise = 1;            ///< factor on the noise, "s_noise"
  ramp ends{};

  static constexpr const char* name = "sde_dpmpp";
  constexpr int keep() const { return p - 1; }
  constexpr int order() const { return p < 3 || weights == curvature::exact ? p : flipped ? 1 : 2; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const history<R> nodes = history_of(r, m0, s, order_of(ends, p, r, s, t));
    r.remember(m0, s);
    const stochastic_step<R> e = stochastic(target, R(eta), s, t);
    const term<R> carried{x, e.drift.A};
    const value drift = nodes.count == 1 ? r.sum({carried, {m0, e.drift.first}})
                                         : weighted(r, carried, e.drift.G, weights_of(e.drift, nodes), nodes);
    if (eta == 0 || every([](double sigma) { return sigma == 0; }, t.sigma)) return drift;
    return r.sum({{drift, 1}, {increment(r, s, t), e.c * s_noise}});
  }

  fault check() const {
    using detail::refuse;
    if (p < 1 || p > 3) return refuse(errc::bad_method, "sde_dpmpp: order p is ", p, ", needs 1 to 3");
    if (const fault f = detail::check_strength(name, "eta", eta)) return f;
    if (const fault f = detail::check_strength(name, "s_noise", s_noise)) return f;
    if (flipped && (weights == curvature::exact || target == prediction::eps))
      return refuse(errc::bad_method, "sde_dpmpp: flipped is true, needs false except with weights = curvature::published and target = prediction::x0");
    return ends.check(name, p);
  }

 private:
  /// The clock is u = e^(2 eta lambda) in data form, which carries noise over a step by sigma_t/sigma_s e^(-eta h), and
  /// (sigma/alpha)^2, running backwards, in noise form, which carries it by alpha_t/alpha_s.
  template <coefficient R>
  value increment(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    if (!every([](double h) { return h >= 0; }, R(t.lambda - s.lambda)))
      r.refuse(detail::text("eta is ", eta, " on a step towards noise, needs 0: noise is drawn anew only where some is taken away"));
    return target == prediction::x0 ? r.noise(s.lambda * (2 * eta), t.lambda * (2 * eta)) : r.noise(t.lambda * -2, s.lambda * -2);
  }

  template <coefficient R>
  node_weights<R> weights_of(exponential_step<R> e, const history<R>& nodes) const {
    if (nodes.count == 2) return two_point_weights(e, form, nodes.d[1]);
    if (weights == curvature::exact) return exact_weights(e, nodes.offsets());
    if (flipped) e.g[3] = e.g[3] - 1;  // -1/2 where g_3 = (g_1 - a h)/(a h)^2 + 1/2
    return published_weights(e, nodes.d[1], nodes.d[2]);
  }
};

}  // namespace diffode
