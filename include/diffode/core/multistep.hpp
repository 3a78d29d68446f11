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

/// Which third-order weights.
enum class curvature {
  exact,      ///< the quadratic through three evaluations, integrated exactly: order 3 (equal to UniP-3)
  published,  ///< half the curvature term, as dpm-solver, diffusers and k-diffusion compute it: order 2
};

/// Weights w_0, w_1, w_2 with half the curvature term, from evaluations d1 and d2 back in lambda.
/// Source  the code of arXiv:2211.01095: its second divided difference stands for h^2 m''/2 where h^2 m'' is meant
template <coefficient R>
node_weights<R> published_weights(const exponential_step<R>& e, const R& d1, const R& d2) {
  // With the step ratios 1/r0 = h/d1 and 1/r1 = h/(d2 - d1), which a step of length zero makes 0 and not infinite.
  const R share = d1 / d2, curved = e.g[3] * (e.h / d2);
  const R P = (e.g[2] * (1 + share) + curved) * (e.h / d1), Q = -(e.g[2] * share + curved) * (e.h / (d2 - d1));
  return {e.g[1] + P, -P + Q, -Q};
}

/// Weights of a step through `d.size()` evaluations: the interpolating polynomial, integrated exactly.
template <coefficient R>
node_weights<R> exact_weights(const exponential_step<R>& e, std::span<const R> d) {
  const auto I = e.moments();
  return interpolation_weights<R>(std::span<const R>(I), d);
}

}  // namespace diffode
