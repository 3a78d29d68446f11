// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/history.hpp"
#include "diffode/tape/inner.hpp"

namespace diffode {

/// A one-step method takes the first steps of a multistep method, so that the latter starts with its history full.
///
/// Source       the usual remedy, Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, section III.1;
///              as "PRK" steps before the multistep ones, Liu et al. 2022, arXiv:2202.09778, Algorithm 2 (PNDM)
/// Order        that of `then`, on any grid, if `first` has at most one order less
/// Evaluations  `steps` steps as many as `first` has, later ones as many as `then`          Memory  that of `then`
/// Ends         starts at the first finite lambda: what was evaluated at alpha = 0 is no history; ends as `then` does
/// Differs      from every reference but PNDM: they begin with steps of order 1, 2, ..., and the first of these, of error
///              h^2, limits the run to order 2 as h falls, whatever the order of the rest
/// Noise        that of both; in the first steps both draw, and only the numbers of `first` are used
/// Needs        a `then` that evaluates at the start of its steps alone, as multistep methods do
/// Names        diffusers PNDM (skip_prk_steps false) is the one that begins so; none has it for other methods
/// Errors       refuses a `first` that looks back or predicts otherwise than `then`, a second state in either, a negative
///              number of steps, and what either refuses; when planned, a `then` that evaluates more than once while it waits
template <class First, class M>
struct warm_start {
  First first{};
  M then{};
  int steps = then.keep();  ///< how many earlier evaluations `then` waits for
  prediction target = then.target;

  static constexpr const char* name = "warm_start";
  constexpr int keep() const { return then.keep() > steps ? then.keep() : steps; }
  constexpr int order() const { return then.order(); }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    if (usable(r) >= steps) return then.step(r, s, t);
    const int before = r.evaluations();
    then.step(r, s, t);  // for what it remembers, predictions or slopes; nobody uses where it leads
    if (const int made = r.evaluations() - before; made > 1)
      r.refuse(detail::text("then is ", then.name, ", which makes ", made, " evaluations in a step, needs a method that evaluates at the start of its steps alone"));
    for (memory<R>& kept : r.remembered) kept.order = 0;  // no step of `then`: nothing that a corrector could correct
    r.estimate = value::none;
    return first.step(r, s, t);
  }

  fault check() const {
    if (steps < 0) return detail::refuse(errc::bad_method, "warm_start: steps is ", steps, ", needs 0 or more");
    if (const fault f = detail::without_partner(name, first)) return f;
    if (const fault f = detail::without_partner(name, then)) return f;
    if (first.keep() > 0)
      return detail::refuse(errc::bad_method, "warm_start: first is ", first.name, ", which keeps evaluations, needs a one-step method");
    if (first.target != target || then.target != target)
      return detail::refuse(errc::bad_method, "warm_start: ", first.name, " and ", then.name, " differ in their target, need the same");
    if (const fault f = first.check()) return f;
    return then.check();
  }

 private:
  template <coefficient R>
  static int usable(const recorder<R>& r) {
    int count = 0;
    while (static_cast<std::size_t>(count) < r.depth() && detail::finite(r.past(static_cast<std::size_t>(count)).at.lambda)) ++count;
    return count;
  }
};

}  // namespace diffode
