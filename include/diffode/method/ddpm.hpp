// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/history.hpp"

namespace diffode {

/// How much noise a step of DDPM draws.
enum class ddpm_variance {
  fixed_small,  ///< that of the posterior q(x_t | x_s, x0), sigma_t^2 (1 - e^(-2h)): right if the data are one point
  fixed_large,  ///< that of the step forwards, sigma_s^2 (1 - e^(-2h)), "beta": right if the data are unit normal noise
};

/// DDPM: the mean of the posterior q(x_t | x_s, x0) and noise of a fixed variance.
///
/// Source       Ho et al. 2020, arXiv:2006.11239, eq. (6), (7) and (11), for any alpha and sigma; steps that leave out times,
///              Nichol and Dhariwal 2021, arXiv:2102.09672, eq. (19)
/// Order        1          Evaluations  1 per step          Memory  none
/// Ends         a step to sigma = 0 is the prediction, without noise; from alpha = 0 all noise is new
/// Noise        one per step but on one to sigma = 0; increments of a Brownian motion on the clock e^(2 lambda)
/// Differs      diffusers goes without noise where the label of s is 0, which is the step to sigma = 0 in lists that end there;
///              in other lists it draws noise on the last step, of variance 1e-20 (its floor) or, with fixed_large, in full.
///              Learned ranges give a variance for each element from the model's output: no number of a plan; not offered.
///              fixed_small is ddim with eta = 1, but for a filter, which here acts on the mean as a whole
/// Names        diffusers DDPM; ComfyUI ddpm; stable-diffusion.cpp and k-diffusion by euler_a; A1111 by DDIM with eta = 1
/// Errors       a step towards noise is refused when planned
///
///     x_t = (sigma_t/sigma_s) e^(-h) x + alpha_t (1 - e^(-2h)) x0 + sqrt(variance) z
struct ddpm {
  ddpm_variance variance = ddpm_variance::fixed_small;

  static constexpr const char* name = "ddpm";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m = r.predict(x, s);
    if (!every([](double h) { return h >= 0; }, R(t.lambda - s.lambda))) r.refuse("a step leads towards noise, needs steps that take noise away");
    const R share = -expm1((s.lambda - t.lambda) * 2);
    const term<R> kept{x, t.sigma / s.sigma * exp(s.lambda - t.lambda)}, mean{m, t.alpha * share};
    if (!detail::nowhere_zero(t.sigma)) return r.sum({kept, mean});
    const R& size = variance == ddpm_variance::fixed_small ? t.sigma : s.sigma;
    return r.sum({kept, mean, {r.noise(2 * s.lambda, 2 * t.lambda), size * sqrt(share)}});
  }

  static fault check() { return {}; }
};

}  // namespace diffode
