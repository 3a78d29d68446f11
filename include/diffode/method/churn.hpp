// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/renoise.hpp"
#include "diffode/tape/history.hpp"
#include "diffode/tape/inner.hpp"

#include <cmath>
#include <limits>

namespace diffode {

/// EDM's stochastic sampler with any one-step method: before each step some noise is added, and the step starts higher.
///
/// Source       Karras et al. 2022, arXiv:2206.00364, Algorithm 2; there the method is heun
/// Order        that of the method inside, in distribution: noise and level rise together, so what is data noised to rho_s
///              is data noised to (1 + gamma) rho_s
/// Evaluations  those of the method inside          Memory  that of the method inside
/// Ends         no noise at sigma = 0 and at alpha = 0, where there is no level above
/// Noise        one per step, independent; drawn also where gamma = 0, as the references do, unless s_churn = 0
/// Differs      diffusers evaluates the model before it adds the noise, at the level without: another method, and not this
///              algorithm. EDM's code rounds the raised level to one that a discrete model knows
/// Names        EDM edm_sampler (S_churn, S_min, S_max, S_noise); k-diffusion, A1111, ComfyUI: s_churn, s_tmin, s_tmax, s_noise
///              of euler, heun, dpm_2
/// Errors       refuses s_churn and s_noise below 0 or infinite, s_min above s_max, negative steps, a method that remembers
///              evaluations or carries a second state
///
/// With rho = sigma/alpha and n steps, gamma = min(S_churn/n, sqrt(2) - 1) if S_min <= rho_s <= S_max, else 0;
///     rho' = (1 + gamma) rho_s,   x' = alpha'/alpha_s x + alpha' sqrt(rho'^2 - rho_s^2) S_noise z,   x_t = M(x'; rho' -> t).
template <class M>
struct churn {
  M inner{};
  double s_churn = 40;  ///< noise of the whole run, shared out among its steps; 40 is EDM's value for ImageNet
  double s_min = 0, s_max = std::numeric_limits<double>::infinity();  ///< between which rho noise is added
  double s_noise = 1;   ///< factor on the noise, a little above 1 for models that take away too much (1.003 in EDM)
  int steps = 0;        ///< n; 0 is the number of steps of the run
  prediction target = inner.target;

  static constexpr const char* name = "churn";
  constexpr int keep() const { return inner.keep(); }
  constexpr int order() const { return inner.order(); }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    if (s_churn == 0) return inner.step(r, s, t);
    const value z = r.noise();
    const double share = s_churn / (steps > 0 ? steps : r.position().count), most = std::sqrt(2.) - 1, gamma = share < most ? share : most;
    const auto churned = [&](double rho) { return rho > 0 && std::isfinite(rho) && s_min <= rho && rho <= s_max; };
    const R here = rho(s), lift = each([&](double v) { return churned(v) ? std::log1p(gamma) : 0; }, here);
    if (every([](double d) { return d == 0; }, lift)) return inner.step(r, s, t);
    const level<R> up = choose(churned, here, r.at_lambda(s.lambda - lift), s);
    const renoised<R> w = renoise(s, up, lift);
    r.start_from(r.sum({{r.state(), w.kept}, {z, w.fresh * s_noise}}));
    return inner.step(r, up, t);
  }

  fault check() const {
    using detail::refuse;
    const double infinity = std::numeric_limits<double>::infinity();
    if (const fault f = detail::without_partner(name, inner)) return f;
    if (const fault f = inner.check()) return f;
    if (!(s_churn >= 0 && s_churn < infinity))
      return refuse(errc::bad_method, name, ": s_churn is ", s_churn, ", needs a finite number not below 0");
    if (!(s_noise >= 0 && s_noise < infinity))
      return refuse(errc::bad_method, name, ": s_noise is ", s_noise, ", needs a finite number not below 0");
    if (std::isnan(s_max)) return refuse(errc::bad_method, name, ": s_max is ", s_max, ", needs a number not below s_min, ", s_min);
    if (!(s_min <= s_max)) return refuse(errc::bad_method, name, ": s_min is ", s_min, ", needs a number not above s_max, ", s_max);
    if (steps < 0) return refuse(errc::bad_method, name, ": steps is ", steps, ", needs the number of steps that s_churn is for, or 0");
    if (inner.keep() > 0)
      return refuse(errc::bad_method, name, ": ", inner.name, " remembers ", inner.keep(), " evaluations, needs a method that remembers none");
    if (target != inner.target) return refuse(errc::bad_method, name, ": target is not that of ", inner.name, ", needs the same");
    return {};
  }
};

}  // namespace diffode
