// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/unified.hpp"
#include "diffode/tape/history.hpp"

#include <vector>

namespace diffode {

/// UniPC: a multistep predictor of order p, and a corrector that reuses the next step's evaluation.
///
/// Source       Zhao et al. 2023, arXiv:2302.04867: UniC, theorem 3.1, and UniP, corollary 3.2
/// Order        p + 1 with the corrector, p without (then it is UniP); grows from 1 at the start
/// Evaluations  1 per step          Memory  p predictions (p - 1 without the corrector)
/// Ends         order lowered to the end as `ends` says; predictor alone on the last step; first order and no
///              corrector on steps to sigma = 0 or from alpha = 0
/// Differs      form::vary_coeff repeats the authors' code, whose corrector falls to order 1; exact is what the paper
///              derives. bh1 and bh2 differ from exact at p <= 2 only.
/// Legacy       form::vary_coeff: the corrector sums one row too few and weighs the newest evaluation by the wrong one, order 1
/// Names        diffusers UniPCMultistep; A1111 UniPC; ComfyUI uni_pc (bh1), uni_pc_bh2
/// Errors       refuses orders outside 1 to 4, and ramps with orders above p
///
/// The corrected state is never stored: with w^p and w^c the two weight sets of one step,
///     x_s = x~_s + G [ w_t m0 + sum_j (w^c_j - w^p_j) m_{-1-j} ]
/// needs the predicted state x~_s and past evaluations only, and folds into the next predictor's kernel.
struct unipc {
  int p = 2;
  unified form = unified::bh2;
  prediction target = prediction::x0;
  bool corrector = true;
  /// Points of the grid at which the state is left as predicted ("disable_corrector" + 1 in diffusers).
  std::vector<int> uncorrected{};
  ramp ends = ramp::lowered();

  static constexpr const char* name = "unipc";
  constexpr int keep() const { return corrector ? p : p - 1; }
  constexpr int order() const { return corrector ? (form == unified::vary_coeff && p > 1 ? 1 : p + 1) : p; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value m0 = r.predict(r.state(), s), x = correct(r, s, m0);
    const history<R> nodes = history_of(r, m0, s, order_of(ends, p, r, s, t));
    r.remember(m0, s, nodes.count);
    const exponential_step<R> e = exponential(target, s, t);
    if (nodes.count == 1) return r.sum({{x, e.A}, {m0, e.first}});
    return weighted(r, {x, e.A}, e.G, unified_predictor(form, e, nodes.offsets()), nodes);
  }

  fault check() const {
    if (p < 1 || p > 4) return detail::refuse(errc::bad_method, "unipc: order p is ", p, ", needs 1 to 4");
    for (const int point : uncorrected)
      if (point < 1) return detail::refuse(errc::bad_method, "unipc: a point of `uncorrected` is ", point, ", needs 1 or more");
    return ends.check(name, p);
  }

 private:
  template <coefficient R>
  value correct(recorder<R>& r, const level<R>& s, value m0) const {
    if (!wanted(r)) return r.state();
    const memory<R>& last = r.past(0);
    const exponential_step<R> e = exponential(target, last.at, s);
    if (!detail::finite(e.h) || !detail::nowhere_zero(e.h)) return r.state();
    const history<R> nodes = history_of(r, last.m, last.at, last.order, 1);
    const node_weights<R> predicted = unified_predictor(form, e, nodes.offsets());
    const implicit_weights<R> c = unified_corrector(form, e, nodes.offsets());
    node_weights<R> change{};
    for (std::size_t j = 0; j < change.size(); ++j) change[j] = c.at_node[j] - predicted[j];
    const value moved = weighted(r, {r.state(), 1}, e.G, change, nodes);
    const value x = r.sum({{moved, 1}, {m0, e.G * c.at_target}});
    r.correct(x);
    return x;
  }

  template <coefficient R>
  bool wanted(const recorder<R>& r) const {
    if (!corrector || r.depth() == 0 || r.past(0).order == 0) return false;
    for (const int point : uncorrected)
      if (point == r.position().index) return false;
    return true;
  }
};

}  // namespace diffode
