// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"
#include "diffode/core/interpolation.hpp"

#include <cstddef>
#include <span>

namespace diffode {

/// How a two-point formula weighs the slope of the prediction: by g_1/2, as the first papers do, or by the exact
/// integral g_2. They agree to the method's order.
enum class slope {
  midpoint,  ///< "midpoint" in diffusers, "dpmsolver" in dpm-solver's code
  heun,      ///< "heun" in diffusers, "taylor" in dpm-solver's code
};

/// Weights w_0, w_1 of a step that extrapolates from two evaluations d apart in lambda.
/// Source  Lu et al. 2022, arXiv:2211.01095, Algorithm 2 (midpoint) and its authors' code (heun); they sum to g_1
template <coefficient R>
node_weights<R> two_point_weights(const exponential_step<R>& e, slope form, const R& d) {
  const R tilt = (form == slope::midpoint ? R(e.g[1] * 0.5) : e.g[2]) * (e.h / d);
  return {e.g[1] + tilt, -tilt};
}

/// Weights of a step through `d.size()` evaluations: the interpolating polynomial, integrated exactly.
template <coefficient R>
node_weights<R> exact_weights(const exponential_step<R>& e, std::span<const R> d) {
  const auto I = e.moments();
  return interpolation_weights<R>(std::span<const R>(I), d);
}

}  // namespace diffode
