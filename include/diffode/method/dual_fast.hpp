// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"
#include "diffode/core/option.hpp"
#include "diffode/core/ramp.hpp"
#include "diffode/tape/inner.hpp"
#include "diffode/tape/recorder.hpp"

#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace diffode {

/// Which part of a first-order step takes the changed noise prediction: all of it, or the term beside sigma_t alone.
enum class dual_reading {
  full,           ///< x0 is that of the changed noise too
  explicit_term,  ///< x0 stays that of the model's own noise
};

/// Which earlier noise prediction the newest is led away from.
enum class dual_from { previous, first };

/// The strength c of each step.
struct dual_strength {
  double begin = 0, end = 0;   ///< of the first step and of the last, linear in the step's number between
  std::vector<double> each{};  ///< given by hand; the last stands for all that follow

  static dual_strength linear(double most) { return {.end = most}; }
  static dual_strength constant(double c) { return {.begin = c, .end = c}; }
  /// At least one number; of none the method is refused.
  static dual_strength given(std::vector<double> each) {
    if (each.empty()) each.push_back(std::numeric_limits<double>::quiet_NaN());
    return {.each = std::move(each)};
  }

  double at(step_position where) const {
    const std::size_t i = static_cast<std::size_t>(where.index);
    if (!each.empty()) return each[i < each.size() ? i : each.size() - 1];
    return where.count > 1 ? begin + (end - begin) * where.index / (where.count - 1) : begin;
  }
  bool nowhere() const {
    for (const double c : each)
      if (c != 0) return false;
    return !each.empty() || (begin == 0 && end == 0);
  }
  fault check(std::string_view who) const {
    if (const fault f = detail::check_strength(who, "strength.begin", begin)) return f;
    if (const fault f = detail::check_strength(who, "strength.end", end)) return f;
    for (const double c : each)
      if (const fault f = detail::check_strength(who, "strength.each", c)) return f;
    return {};
  }
};

/// DualFast: the first-order term of a step is led away from an earlier noise prediction, which costs no evaluation.
///
/// Source       Yu et al. 2025, arXiv:2506.13058, as two secondary sources give it: its text, tables and code were not to be had.
///              What they leave open are options here; see docs/dual_fast.md
/// Order        1 with dual_reading::full and dual_from::previous, whatever the method inside; none otherwise: those do not
///              come near the solution as steps get short. That of the method inside with c = 0
/// Evaluations  those of the method inside          Memory  that of the method inside, and 1 noise prediction
/// Needs        a deterministic method that evaluates at the start of its steps: ddim, singlestep, dpmpp_2m, dpmpp_3m, unipc, ...
/// Ends         the first step is the method's own; the last has the largest c of a linear strength. Next to infinite lambda
///              as everywhere: the first-order term has a limit there
/// Differs      nothing to compare with; c = 0 is the method inside, bit by bit
/// Noise        refused when planned: the first-order term of a stochastic step is another
/// Names        none of the engines has it
/// Errors       refuses strengths outside [0, 1e6], a target that is not the method's, a method with a second state, and what
///              the method refuses; when planned, methods that draw noise, and one dual_fast inside another
///
/// With eps' = eps_s + c (eps_s - eps_tau) in place of eps_s in the first-order term, differences of predictions unchanged,
///     x_t = M(x_s) + c B (eps_s - eps_tau),      B = sigma_t - sigma_s alpha_t/alpha_s  (full),   sigma_t  (explicit_term).
/// B is what every step, in noise and in data form, multiplies a constant noise by: no method need say its own.
template <class M>
struct dual_fast {
  M inner{};
  dual_strength strength = dual_strength::linear(inner.order() < 2 ? 0.5 : 0.1);
  dual_reading reading = dual_reading::full;
  dual_from from = dual_from::previous;
  prediction target = inner.target;

  static constexpr const char* name = "dual_fast";
  constexpr int keep() const { return inner.keep() > 1 ? inner.keep() : 1; }
  int order() const {
    if (strength.nowhere()) return inner.order();
    return reading == dual_reading::full && from == dual_from::previous && inner.order() > 0 ? 1 : 0;
  }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    r.predict(r.state(), s);  // the inner method's own form is the older value, so that later sums are rounded alike whoever watches x0
    const value eps = r.predict(r.state(), s, prediction::eps), earlier = r.carried();
    const std::size_t drawn = r.noises();
    const value reached = inner.step(r, s, t);
    if (r.noises() > drawn) r.refuse(detail::text(inner.name, " draws noise, needs a deterministic method"));
    if (r.carry != value::none) r.refuse(detail::text(inner.name, " hands a prediction on itself, needs a method that does not"));
    r.carry = earlier == value::none || from == dual_from::previous ? eps : earlier;
    const double c = strength.at(r.position());
    if (c == 0 || earlier == value::none) return reached;
    const R gain = c * (reading == dual_reading::full ? exponential(prediction::eps, s, t).first : t.sigma);
    return r.sum({{reached, 1}, {eps, gain}, {earlier, -gain}});
  }

  fault check() const {
    if (const fault f = detail::without_partner(name, inner)) return f;
    if (const fault f = strength.check(name)) return f;
    if (target != inner.target) return detail::refuse(errc::bad_method, name, ": target is not that of ", inner.name, ", needs the same");
    return inner.check();
  }
};

}  // namespace diffode
