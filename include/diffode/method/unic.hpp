// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/unified.hpp"
#include "diffode/tape/history.hpp"
#include "diffode/tape/inner.hpp"

#include <cstddef>

namespace diffode {

/// UniC: a corrector for the states of any deterministic method, free of further evaluations.
///
/// Source       Zhao et al. 2023, arXiv:2302.04867, theorem 3.1 (UniC) and Algorithm 1
/// Order        min(order of the predictor + 1, p + 1)
/// Evaluations  those of the predictor          Memory  p predictions and 1 state, or what the predictor keeps if more
/// Ends         the corrector's order grows from 1 and is lowered to the end as `ends` says; no corrector after the last
///              step, next to infinite lambda, over a step of length zero, or over a step that `warm_start` took
/// Differs      diffusers' `solver_p` converts the model's output on the corrected state, though it was made on x~
/// Noise        refused when planned: the corrected step would need the predictor's noise over again
/// Errors       refuses p outside 1 to 4, ramps with orders above p, a target that is not the predictor's, and what the
///              predictor refuses; predictors with a second state; when planned, those that correct states themselves, or
///              remember slopes (lms)
/// Names        UniC (paper); diffusers UniPCMultistepScheduler(solver_p=...)
///
/// From s to t the predictor makes x~. The evaluation m_t on x~, which the next step needs anyway, puts x right:
///     x_t = A x_s + G [ w_t m_t + sum_j w_j m_j ]        with A, G of exponential.hpp, m_0 the evaluation at s
/// where x_s is the corrected state. The next step goes on from x_t with m_t, which is not evaluated again.
template <class M>
struct unic {
  M predictor{};
  int p = predictor.order() < 4 ? predictor.order() : 4;  ///< how many evaluations before the target it uses
  unified form = unified::bh2;
  ramp ends = ramp::lowered();
  prediction target = predictor.target;

  static constexpr const char* name = "unic";
  constexpr int keep() const { return predictor.keep() > p ? predictor.keep() : p; }
  constexpr int order() const {
    if (form == unified::vary_coeff && p > 1) return 1;
    return predictor.order() < p ? predictor.order() + 1 : p + 1;
  }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value m0 = r.predict(r.state(), s), x = correct(r, s, m0);
    r.remember(m0, s, 1, x);
    const std::size_t drawn = r.noises();
    const value reached = predictor.step(r, s, t);
    if (r.corrected != value::none && r.corrected != x) r.refuse("its predictor corrects states too, needs one that does not");
    if (r.remembered.size() > 1) r.refuse("its predictor remembers something else than predictions, needs one that remembers these or nothing");
    if (r.noises() > drawn) r.refuse("its predictor draws noise, needs a deterministic one");
    return reached;
  }

  fault check() const {
    if (const fault f = detail::without_partner(name, predictor)) return f;
    if (p < 1 || p > 4) return detail::refuse(errc::bad_method, "unic: order p is ", p, ", needs 1 to 4");
    if (target != predictor.target) return detail::refuse(errc::bad_method, "unic: target differs from the predictor's, needs the same");
    if (const fault f = ends.check(name, p)) return f;
    return predictor.check();
  }

 private:
  /// The state at s once m0 is known.
  template <coefficient R>
  value correct(recorder<R>& r, const level<R>& s, value m0) const {
    if (r.depth() == 0 || r.past(0).order == 0) return r.state();
    const memory<R>& last = r.past(0);
    const exponential_step<R> e = exponential(target, last.at, s);
    if (!detail::finite(e.h) || !detail::nowhere_zero(e.h)) return r.state();
    const step_position before{r.position().index - 1, r.position().count};
    const history<R> nodes = history_of(r, last.m, last.at, ends.order(p, before), 1);
    const implicit_weights<R> w = unified_corrector(form, e, nodes.offsets());
    const value moved = weighted(r, {last.x, e.A}, e.G, w.at_node, nodes);
    const value x = r.sum({{moved, 1}, {m0, e.G * w.at_target}});
    r.correct(x);
    return x;
  }
};

}  // namespace diffode
