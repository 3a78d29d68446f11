// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/level.hpp"

namespace diffode {

/// The variable in which a method takes the flow for polynomial, and the state that belongs to it.
///
/// With S the scale of the state and q = sigma/S the variable, y = x/S follows dy/dq = d, where d is a prediction of the
/// model: no factor of the path is left in the equation, so any method for ordinary differential equations applies.
///
/// Source  rho: Karras et al. 2022, arXiv:2206.00364, eq. (4); time: Liu et al. 2022, arXiv:2209.03003, where q = t
enum class axis {
  rho,   ///< q = sigma/alpha, y = x/alpha, d = eps: EDM, k-diffusion, DEIS
  time,  ///< q = sigma/(alpha + sigma), y = x/(alpha + sigma), d = eps - x0: rectified flow's own time
};

/// S, the scale of the state.
template <coefficient R>
R scale(axis along, const level<R>& at) {
  return along == axis::rho ? at.alpha : R(at.alpha + at.sigma);
}

/// q, the variable; +inf where alpha = 0 along rho.
template <coefficient R>
R coordinate(axis along, const level<R>& at) {
  return at.sigma / scale(along, at);
}

/// lambda of the level with this q.
template <coefficient R>
R lambda_of(axis along, const R& q) {
  return along == axis::rho ? R(-log(q)) : R(log((1 - q) / q));
}

}  // namespace diffode
