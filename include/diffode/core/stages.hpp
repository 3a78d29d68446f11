// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/multistep.hpp"

namespace diffode {

namespace detail {
/// The least share of a step that stages may lie apart: slopes between closer ones are mostly rounding, divided by it.
inline constexpr double least_ratio = 1e-4;
}  // namespace detail

/// Weights of a step through two evaluations: at its start, and where its share c of the step in lambda is done.
///
/// Source  Lu et al. 2022, arXiv:2206.00927, Algorithm 4, and arXiv:2211.01095, Algorithm 1 (midpoint); their authors'
///         code (heun), which integrates the line through both exactly
/// Order   2 for any c
template <coefficient R>
node_weights<R> two_stage_weights(const exponential_step<R>& e, slope form, const R& c) {
  const R tilt = (form == slope::midpoint ? R(e.g[1] * 0.5) : e.g[2]) / c;
  return {e.g[1] - tilt, tilt};
}

/// Weights, on the way to the second stage alone, of the evaluations at the start and at the first; `e` leads to the
/// second stage, and ratio = c2/c1.
/// Source  Lu et al. 2022, arXiv:2206.00927, Algorithm 5, and arXiv:2211.01095, algorithm of 3S in its authors' code
template <coefficient R>
node_weights<R> second_stage_weights(const exponential_step<R>& e, const R& ratio) {
  const R tilt = e.g[2] * ratio;
  return {e.g[1] - tilt, tilt};
}

/// Weights of a step through three evaluations: at its start, and at the shares c1 and c2 of it.
///
/// Source  as above: midpoint leaves the first stage out, heun integrates the parabola through all three exactly
/// Order   3 where c2 = 2/3 (or nearer to it than some multiple of h), else 2: the second stage's own state is of second
///         order, and only there does the quadrature forgive it
template <coefficient R>
node_weights<R> three_stage_weights(const exponential_step<R>& e, slope form, const R& c1, const R& c2) {
  if (form == slope::midpoint) {
    const R last = e.g[2] / c2;
    return {e.g[1] - last, R(0), last};
  }
  const R curved = e.g[3] * 2;
  const R w1 = (c2 * e.g[2] - curved) / (c1 * (c2 - c1)), w2 = (curved - c1 * e.g[2]) / (c2 * (c2 - c1));
  return {e.g[1] - w1 - w2, w1, w2};
}

}  // namespace diffode
