// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/history.hpp"

#include <cmath>
#include <limits>

namespace diffode {

/// Stochastic multistep consistency sampling: each step predicts x0 and noises it to the next level. For distilled models.
///
/// Source       Luo et al. 2023, arXiv:2310.04378, Algorithm 3; Song et al. 2023, arXiv:2303.01469, Algorithm 1
/// Order        none (0): a model that knows the mean of x0 is not what this is for; with one the steps do not follow the flow
///              however many there are. A consistency model is exact in one step, and more steps mend its errors
/// Evaluations  1 per step          Memory  none
/// Ends         a step to sigma = 0 is the prediction, without noise; from alpha = 0 nothing is different
/// Noise        one per step but on one to sigma = 0, independent
/// Differs      diffusers' LCM weighs prediction and state by its labels (`skip`): at time 1 and later the state then has a share of
///              at most 0.25 percent; on a path whose time ends at 1 these weights are not meant. Its time-steps are a grid's matter
/// Names        diffusers LCM (skip = true), FlowMatchEulerDiscrete with stochastic_sampling, FlowMatchLCM, CMStochasticIterative
///              (sigma_min); k-diffusion, ComfyUI, stable-diffusion.cpp lcm
/// Errors       refuses scaling, sigma_data and sigma_min outside their ranges
///
///     x_t = alpha_t d + sigma_t z,   d = x0, or with skip  d = c_skip x + c_out x0,
///     c_skip = sigma_data^2/(T^2 + sigma_data^2), c_out = T/sqrt(T^2 + sigma_data^2), T = scaling * time of s.
/// Where a consistency model answers with the state at sigma_min/alpha instead of x0, the noise is alpha_t sqrt(rho_t^2 - sigma_min^2).
struct lcm {
  bool skip = false;
  double scaling = 10, sigma_data = 0.5;  ///< of the skip weights
  double sigma_min = 0;                   ///< the noise, as sigma/alpha, that is left in the model's answer

  static constexpr const char* name = "lcm";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 0; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m = r.predict(x, s);
    const R T = s.t * scaling, norm = hypot(T, R(sigma_data));
    const R c_skip = skip ? R((sigma_data / norm) * (sigma_data / norm)) : R(0), c_out = skip ? R(T / norm) : R(1);
    const term<R> state{x, t.alpha * c_skip}, answer{m, t.alpha * c_out};
    if (!detail::nowhere_zero(t.sigma)) return r.sum({state, answer});
    const R fresh = each([&](double rho) { return sigma_min < rho ? std::sqrt((1 - sigma_min / rho) * (1 + sigma_min / rho)) : 0; }, rho(t));
    return r.sum({state, answer, {r.noise(), t.sigma * fresh}});
  }

  fault check() const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const struct {
      const char* name;
      double value;
    } above_zero[] = {{"scaling", scaling}, {"sigma_data", sigma_data}};
    for (const auto& o : above_zero)
      if (!(o.value > 0 && o.value < infinity))
        return detail::refuse(errc::bad_method, name, ": ", o.name, " is ", o.value, ", needs a finite number above 0");
    if (!(sigma_min >= 0 && sigma_min < infinity))
      return detail::refuse(errc::bad_method, name, ": sigma_min is ", sigma_min, ", needs a finite number not below 0");
    return {};
  }
};

}  // namespace diffode
