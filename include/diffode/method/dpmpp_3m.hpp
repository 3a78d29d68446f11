// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/multistep.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// DPM-Solver++(3M): three-step exponential multistep method. With target = eps it is DPM-Solver-3M, the noise form.
///
/// Source       Lu et al. 2022, arXiv:2211.01095, and its authors' code; exact weights, those of UniP-3, Zhao et al.
///              2023, arXiv:2302.04867, corollary 3.2
/// Order        3 exact, 2 as published; 1 and 2 on the first two steps          Evaluations  1 per step
/// Memory       2 predictions
/// Ends         first order on a step to sigma = 0 or from alpha = 0; else as `ends` says
/// Differs      the references' second divided difference stands for h^2 m''/2 where h^2 m'' is meant; use
///              curvature::published to repeat their numbers
/// Legacy       curvature::published: half the curvature term, order 2 under the name of order 3
/// Names        diffusers DPMSolverMultistep (solver_order 3: curvature::published); dpm-solver multistep order 3
/// Errors       refuses a ramp with orders other than 1 to 3; a noise form from alpha = 0 is refused when planned
struct dpmpp_3m {
  curvature weights = curvature::exact;
  slope form = slope::midpoint;  ///< of its two-point steps
  prediction target = prediction::x0;
  ramp ends{};

  static constexpr const char* name = "dpmpp_3m";
  static constexpr int keep() { return 2; }
  constexpr int order() const { return weights == curvature::exact ? 3 : 2; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const history<R> nodes = history_of(r, m0, s, order_of(ends, 3, r, s, t));
    r.remember(m0, s);
    const exponential_step<R> e = exponential(target, s, t);
    if (nodes.count == 1) return r.sum({{x, e.A}, {m0, e.first}});
    return weighted(r, {x, e.A}, e.G, weights_of(e, nodes), nodes);
  }

  fault check() const { return ends.check(name, 3); }

 private:
  template <coefficient R>
  node_weights<R> weights_of(const exponential_step<R>& e, const history<R>& nodes) const {
    if (nodes.count == 2) return two_point_weights(e, form, nodes.d[1]);
    return weights == curvature::exact ? exact_weights(e, nodes.offsets()) : published_weights(e, nodes.d[1], nodes.d[2]);
  }
};

}  // namespace diffode
