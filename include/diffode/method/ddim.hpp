// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/recorder.hpp"

namespace diffode {

/// DDIM: exact while the predicted x0 and noise stay as they are; eta adds noise.
///
/// Source       Song et al. 2021, arXiv:2010.02502, eq. (12) and (16); eta = 1 is DDPM, Ho et al. 2020, arXiv:2006.11239,
///              in the form for any alpha and sigma
/// Order        1          Evaluations  1 per step          Memory  none
/// Needs        nothing: alpha_s = 0 and sigma_t = 0 are fine; with eta > 0, lambda must rise
/// Noise        one per step if eta > 0; variance share eta^2 (1 - e^(-2h))
/// Differs      diffusers steps to t - T/n, which is not always the next entry of its list; here a step ends at t.
/// Ends         nothing is lowered anywhere: a step to sigma = 0 lands on x0
/// Names        diffusers DDIM, DDIMInverse (on a reversed grid); A1111 DDIM; ComfyUI ddim; stable-diffusion.cpp
///              ddim_trailing
/// Errors       refuses eta outside [0, 1]
struct ddim {
  double eta = 0;
  /// With a filter on x0: whether the noise is what the model said, or what is left of x beside the filtered x0
  /// ("use_clipped_model_output" in diffusers).
  bool rederive_noise = false;

  static constexpr const char* name = "ddim";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state();
    const predictions m = r.predict_both(x, s);
    const value eps = rederive_noise ? r.sum({{x, 1 / s.sigma}, {m.x0, -s.alpha / s.sigma}}) : m.eps;
    if (eta == 0) return r.sum({{m.x0, t.alpha}, {eps, t.sigma}});
    if (!every([](double h) { return h >= 0; }, R(t.lambda - s.lambda)))
      r.refuse(detail::text("eta is ", eta, " on a step towards noise, needs 0: noise is drawn anew only where some is taken away"));
    const R fresh = -expm1((s.lambda - t.lambda) * 2) * (eta * eta);  // share of the new noise in sigma_t^2
    return r.sum({{m.x0, t.alpha}, {eps, t.sigma * sqrt(1 - fresh)}, {r.noise(2 * s.lambda, 2 * t.lambda), t.sigma * sqrt(fresh)}});
  }

  fault check() const {
    if (eta >= 0 && eta <= 1) return {};
    return detail::refuse(errc::bad_method, "ddim: eta is ", eta, ", needs a number from 0 to 1");
  }
};

}  // namespace diffode
