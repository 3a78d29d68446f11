// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/axis.hpp"
#include "diffode/core/renoise.hpp"
#include "diffode/tape/history.hpp"
#include "diffode/tape/inner.hpp"

#include <limits>

namespace diffode {

/// How far an ancestral step goes below its target.
enum class descent {
  variance,   ///< a share eta^2 (1 - e^(-2h)) of the noise is new: k-diffusion, diffusers
  flow_time,  ///< linear in q = sigma/(alpha + sigma), the time of rectified flow: q_down = q_t (1 + (q_t/q_s - 1) eta)
};

/// Ancestral sampling with any one-step method: deterministic to a level cleaner than the target, then noise on top.
///
/// Source       euler_a, dpm2_a and dpmpp_2s_a of k-diffusion (Katherine Crowson), in the form for any alpha and sigma; with
///              euler and eta = 1 DDPM, Ho et al. 2020, arXiv:2006.11239
/// Order        that of the method inside, in distribution: a step that follows the flow to the lower level exactly leaves the
///              noised data's distribution exactly as it has to be, whatever eta
/// Evaluations  those of the method inside          Memory  that of the method inside
/// Ends         on a step to sigma = 0 the method alone, without noise. From alpha = 0 with eta = 1 and descent::variance all
///              noise is new: the method steps to sigma = 0
/// Noise        one per step if eta > 0, increments of a Brownian motion on the clock e^(2 lambda)
/// Differs      k-diffusion and diffusers have alpha = 1 here; stable-diffusion.cpp does so on flow models too, where only its
///              euler_a and dpm++2s_a rescale (descent::flow_time). k-diffusion takes eta > 1 and limits the new noise to
///              sigma_t; A1111 and stable-diffusion.cpp have no eta above 1, and neither has this
/// Names        k-diffusion euler_ancestral, dpm_2_ancestral, dpmpp_2s_ancestral; diffusers EulerAncestralDiscrete,
///              KDPM2AncestralDiscrete; A1111 Euler a, DPM2 a, DPM++ 2S a; stable-diffusion.cpp euler_a, dpm++2s_a;
///              ComfyUI also euler_ancestral_RF and its kin (descent::flow_time)
/// Errors       refuses eta outside [0, 1], a negative s_noise, a method that remembers evaluations or carries a second
///              state; with eta > 0 a step towards noise is refused when planned
///
/// With rho = sigma/alpha, fresh noise up = eta rho_t sqrt(1 - rho_t^2/rho_s^2) and rho_down = sqrt(rho_t^2 - up^2),
///     x_t = alpha_t/alpha_down M(x_s; s -> down) + alpha_t up s_noise z.
template <class M>
struct ancestral {
  M inner{};
  double eta = 1;      ///< from 0, the method inside alone, to 1
  double s_noise = 1;  ///< factor on the new noise
  descent rule = descent::variance;
  prediction target = inner.target;

  static constexpr const char* name = "ancestral";
  constexpr int keep() const { return inner.keep(); }
  constexpr int order() const { return inner.order(); }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    if (eta == 0 || !detail::nowhere_zero(t.sigma)) return inner.step(r, s, t);
    if (!every([](double h) { return h >= 0; }, R(t.lambda - s.lambda))) {
      r.refuse(detail::text("eta is ", eta, " on a step towards noise, needs 0: noise is drawn anew only where some is taken away"));
      return r.state();
    }
    const R lift = lift_of(s, t);
    level<R> down{t.t, R(1), R(0), R(std::numeric_limits<double>::infinity()), t.label};
    if (detail::finite(lift)) down = r.at_lambda(t.lambda + lift);
    const value below = inner.step(r, s, down), z = r.noise(2 * s.lambda, 2 * t.lambda);
    const renoised<R> w = renoise(down, t, lift);
    const auto lifted = [&](value x) { return r.sum({{x, w.kept}, {z, w.fresh * s_noise}}); };
    if (r.estimate != value::none) r.estimate = lifted(r.estimate);
    return lifted(below);
  }

  fault check() const {
    using detail::refuse;
    if (const fault f = detail::without_partner(name, inner)) return f;
    if (const fault f = inner.check()) return f;
    if (!(eta >= 0 && eta <= 1)) return refuse(errc::bad_method, name, ": eta is ", eta, ", needs a number from 0 to 1");
    if (!(s_noise >= 0 && s_noise < std::numeric_limits<double>::infinity()))
      return refuse(errc::bad_method, name, ": s_noise is ", s_noise, ", needs a finite number not below 0");
    if (inner.keep() > 0)
      return refuse(errc::bad_method, name, ": ", inner.name, " remembers ", inner.keep(), " evaluations, needs a method that remembers none");
    if (target != inner.target) return refuse(errc::bad_method, name, ": target is not that of ", inner.name, ", needs the same");
    return {};
  }

 private:
  template <coefficient R>
  R lift_of(const level<R>& s, const level<R>& t) const {
    if (rule == descent::variance) return ancestral_lift(eta, R(t.lambda - s.lambda));
    const R qs = coordinate(axis::time, s), qt = coordinate(axis::time, t);
    return lambda_of(axis::time, R(qt * (1 + (qt / qs - 1) * eta))) - t.lambda;
  }
};

}  // namespace diffode
