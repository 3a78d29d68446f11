// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_source.hpp"
#include "diffode/concept/parameterisation.hpp"
#include "diffode/core/prediction.hpp"
#include "diffode/core/ramp.hpp"
#include "diffode/tape/tape.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// One earlier evaluation that a method asked to keep.
template <coefficient R>
struct memory {
  value m;                 ///< the prediction
  level<R> at;             ///< where it was made
  int order = 1;           ///< order of the step that was taken with it; 0 where that was no step of the method's own
  value x = value::none;   ///< the state that the method wanted kept along with it
};

/// Both predictions of one evaluation: x0 after filters, eps as the model gave it.
struct predictions {
  value x0, eps;
};

namespace detail {

/// A model form at one level, as numbers.
template <coefficient R>
struct model_numbers {
  affine<R> x0, eps;
  R input_scale, label;
  std::array<R, max_outputs> weight;
};

/// A model form, with its type forgotten.
template <coefficient R>
struct model_view {
  const void* form;
  model_numbers<R> (*at)(const void* form, const level<R>& where);
  int outputs;
  bool filters;
};

/// What the planner hands to a recorder for one step.
template <coefficient R>
struct step_context {
  value state;
  level<R> s, t;
  step_position where;
  prediction target;
  std::string_view method;
  model_view<R> model;
  level<R> (*between)(const void* control, const R& lambda);
  level<R> (*at_time)(const void* control, const R& t);  ///< null where the control has none
  const void* control;
  std::size_t lanes;
  bool watch_denoised;
  bool analytical_first;        ///< the first evaluation of the run is replaced by a formula
  predictions known{value::none, value::none};  ///< at (state, s), where it was evaluated before
  value partner = value::none;  ///< a second state that travels with the first, for methods that ask for one
  value carried = value::none;  ///< what the step before handed on, see recorder::carry
};

}  // namespace detail

/// The pen a method writes one step with: it names values and computes coefficients, and never sees an array.
template <coefficient R>
class recorder {
 public:
  recorder(tape<R>& code, std::span<const memory<R>> past, std::vector<noise_interval>& noises, const detail::step_context<R>& context)
      : tape_(code), past_(past), noises_(noises), context_(context), state_(context.state) {
    if (context.known.x0 == value::none && context.known.eps == value::none) return;
    first_.x = first_.alias = state_;
    first_.x0 = context.known.x0;
    first_.eps = context.known.eps;
    first_level_ = context.s;
  }

  /// The state at the step's start.
  value state() const { return state_; }
  /// From here on `x` is the state that the step starts from: for methods that change it and hand over to another.
  void start_from(value x) { tape_.comes_from(0, state_ = x); }

  /// A second state that travels through the run beside the first, and what becomes of it in this step.
  value partner() {
    if (context_.partner != value::none) return context_.partner;
    refuse("it needs a second state, which only a run of its own carries: it can not be the inner method of another");
    return state_;
  }
  void partner_becomes(value x) {
    next_partner = x;
    if (context_.partner != value::none) tape_.comes_from(1, x);
  }

  /// Evaluates the model on `x` and returns its prediction, in the form the method asked for by its `target`. What was
  /// evaluated at the step's start is not evaluated again.
  value predict(value x, const level<R>& at) { return predict(x, at, context_.target); }
  /// The same in a form of the caller's choice.
  value predict(value x, const level<R>& at, prediction form) {
    evaluated& e = evaluate(x, at);
    if (form == prediction::x0) return x0_of(e, at);
    // A filter acts on x0: the noise is then what is left of x beside it.
    return context_.model.filters && !e.settled ? sum({{e.x, 1 / at.sigma}, {x0_of(e, at), -at.alpha / at.sigma}}) : eps_of(e, at);
  }

  /// Evaluates the model on `x` and returns both predictions.
  predictions predict_both(value x, const level<R>& at) {
    evaluated& e = evaluate(x, at);
    return {x0_of(e, at), eps_of(e, at)};
  }

  /// Evaluates the model on `x` and returns x0 alone, which exists at sigma = 0 too.
  value denoise(value x, const level<R>& at) { return x0_of(evaluate(x, at), at); }

  /// The only arithmetic there is: sum_k c_k v_k.
  value sum(std::initializer_list<term<R>> terms) { return sum(std::span<const term<R>>(terms.begin(), terms.size())); }
  value sum(std::span<const term<R>> terms) {
    for (const term<R>& t : terms)
      if (!every([](double c) { return std::isfinite(c); }, t.c)) refuse_coefficient(t.c);
    return tape_.sum(terms);
  }

  /// Unit normal noise, independent of every other in the run.
  value noise() { return noise(R(0), R(0)); }
  /// The increment of a Brownian motion, as unit normal noise. `from` and `to` are logarithms of the clock it runs on, so
  /// that sources that know paths draw parts of one path, whatever the steps; other sources draw it like any other.
  value noise(const R& from, const R& to) {
    const int stream = static_cast<int>(noises_.size() / context_.lanes);
    for (std::size_t l = 0; l < context_.lanes; ++l) {
      const noise_interval over{lane(from, l), lane(to, l)};
      noises_.push_back(over.from < over.to && std::isfinite(over.to) ? over : noise_interval{});
    }
    return tape_.noise(stream);
  }
  /// How many times noise was asked for since the run began.
  std::size_t noises() const { return noises_.size() / context_.lanes; }

  /// How many earlier evaluations are remembered, and the k-th of them, newest first.
  std::size_t depth() const { return past_.size(); }
  const memory<R>& past(std::size_t k) const { return past_[k]; }
  void remember(value prediction, const level<R>& at, int order = 1, value x = value::none) {
    for (memory<R>& had : remembered)
      if (had.m == prediction) {
        had.order = order;
        if (x != value::none) had.x = x;
        return;
      }
    remembered.push_back({prediction, at, order, x});
  }

  /// The state at the step's start, improved by the evaluation there (what a corrector does). The evaluation counts as
  /// made on `x` from then on: the prediction that the method asks for stays, and the other is what is left of `x`.
  void correct(value x) {
    if (first_.x != value::none) {
      const value m = predict(first_.x, first_level_);
      first_ = evaluated{.x = x, .alias = first_.x, .settled = true};
      (context_.target == prediction::x0 ? first_.x0 : first_.eps) = m;
    }
    tape_.comes_from(0, corrected = state_ = x);
  }

  /// What the step before handed on by setting `carry`, none where it did not: for decorators, apart from all memories.
  value carried() const { return context_.carried; }
  step_position position() const { return context_.where; }
  /// How often the model was asked in this step so far.
  int evaluations() const { return stage_; }
  /// How many lanes the run has; 1 where R is double. A coefficient that is the same in all may still be a single number.
  std::size_t lanes() const { return context_.lanes; }
  /// What was predicted at the step's start, as far as it has a name.
  predictions first_evaluation() const { return {first_.x0, first_.eps}; }

  /// The constant 1 everywhere, for terms that belong to no array.
  value one() { return tape_.one(); }

  /// Says that the method can not take this step: the run is refused while it is planned.
  void refuse(std::string_view why) { tape_.refuse(detail::refuse(errc::bad_method, context_.method, ": ", why)); }

  /// The point of the noise path with this lambda, for stages between two levels.
  level<R> at_lambda(const R& lambda) const { return context_.between(context_.control, lambda); }
  /// The point of the noise path at this time, for formulas in the schedule's own time.
  level<R> at_time(const R& t) {
    if (context_.at_time) return context_.at_time(context_.control, t);
    refuse("the control has no at_time(t), needs one for a method in time");
    return context_.s;
  }

  // What the step left behind, for the planner.
  std::vector<memory<R>> remembered;
  value corrected = value::none;
  value next_partner = value::none, carry = value::none;
  value estimate = value::none;  ///< a second opinion on the state at t, of lower order: free unless somebody measures it

 private:
  struct evaluated {
    value x = value::none, alias = value::none;  ///< on which state, and which other counts as the same
    value x0 = value::none, eps = value::none;   ///< where they have a name already
    std::array<value, max_outputs> raw{};
    detail::model_numbers<R> numbers{};
    bool asked = false, settled = false;         ///< of the model; corrected, so that one prediction follows from the other
  };

  evaluated& evaluate(value x, const level<R>& at) {
    const bool begun = first_.x != value::none;
    if (begun && (x == first_.x || x == first_.alias) && same(at, first_level_)) return first_;
    if (begun && x == later_.x && same(at, later_level_)) return later_;
    evaluated& e = begun ? later_ : first_;
    (begun ? later_level_ : first_level_) = at;
    e = {.x = x, .alias = x};
    if (context_.analytical_first && !begun && context_.where.index == 0) without_model(e, at);
    else ask(e, at);
    return e;
  }

  void ask(evaluated& e, const level<R>& at) {
    const detail::model_view<R>& model = context_.model;
    e.asked = true;
    e.numbers = model.at(model.form, at);
    const bool unscaled = every([](double c) { return c == 1; }, e.numbers.input_scale);
    const value shown = unscaled ? e.x : sum({{e.x, e.numbers.input_scale}});
    evaluation<R> call{.at = at, .outputs = 0, .step = context_.where.index, .stage = stage_++};
    call.at.label = e.numbers.label;
    if (!every([](double v) { return std::isfinite(v); }, call.at.label))
      refuse(detail::text("the label at sigma ", lane(at.sigma, 0), " would be ", lane(call.at.label, 0),
                          ", needs a finite number: this model can not be asked there"));
    for (int k = 0; k < model.outputs; ++k)
      if (!every([](double w) { return w == 0; }, weight(e, k))) call.outputs |= 1u << k;
    const value called = tape_.call(shown, std::move(call));
    for (int k = 0; k < model.outputs; ++k) e.raw[static_cast<std::size_t>(k)] = tape_.output(called, k);
    if (model.filters || context_.watch_denoised) x0_of(e, at);
    if (model.filters) e.x0 = tape_.filter(e.x0, static_cast<int>(tape_.evaluations().size()) - 1);
    if (context_.watch_denoised) tape_.watch(seen::denoised, e.x0, context_.where.index);
  }

  /// What a model without knowledge of the data would say far out in the noise: eps = x/sqrt(alpha^2 + sigma^2).
  void without_model(evaluated& e, const level<R>& at) {
    const R n = hypot(at.alpha, at.sigma);
    e.eps = sum({{e.x, 1 / n}});
    e.x0 = sum({{e.x, at.alpha / (n * (n + at.sigma))}});
  }

  static bool same(const level<R>& a, const level<R>& b) {
    const auto zero = [](double d) { return d == 0; };
    return every(zero, R(a.alpha - b.alpha)) && every(zero, R(a.sigma - b.sigma));
  }

  value x0_of(evaluated& e, const level<R>& at) {
    if (e.x0 == value::none) e.x0 = e.asked ? mixed(e, e.numbers.x0) : sum({{e.x, 1 / at.alpha}, {e.eps, -at.sigma / at.alpha}});
    return e.x0;
  }
  value eps_of(evaluated& e, const level<R>& at) {
    if (e.eps == value::none) e.eps = e.asked ? mixed(e, e.numbers.eps) : sum({{e.x, 1 / at.sigma}, {e.x0, -at.alpha / at.sigma}});
    return e.eps;
  }

  /// cx*x + cf*F, with F the weighted sum of the model's outputs.
  value mixed(const evaluated& e, const affine<R>& map) {
    std::array<term<R>, max_outputs + 1> terms{};
    terms[0] = {e.x, map.cx};
    const int n = context_.model.outputs;
    for (int k = 0; k < n; ++k)
      terms[static_cast<std::size_t>(k) + 1] = {e.raw[static_cast<std::size_t>(k)], map.cf * weight(e, k)};
    return sum(std::span<const term<R>>(terms.data(), static_cast<std::size_t>(n) + 1));
  }
  static const R& weight(const evaluated& e, int k) { return e.numbers.weight[static_cast<std::size_t>(k)]; }

  void refuse_coefficient(const R& c) {
    double worst = 0;
    each([&](double v) { return std::isfinite(v) ? v : worst = v; }, c);
    const level<> s = lane(context_.s, 0), t = lane(context_.t, 0);
    const auto positive = [](double v) { return v > 0; };
    const bool limits = every(positive, R(context_.s.alpha * context_.t.alpha)) && every(positive, R(context_.s.sigma * context_.t.sigma));
    const char* why = limits ? "options of the method are too large, or the model's form has no value there"
                             : "noise prediction (an eps or score model, or target eps of the method) has no limit where alpha = 0 "
                               "or sigma = 0; predict something else there, or move that end of the grid";
    tape_.refuse(detail::refuse(limits ? errc::bad_method : errc::bad_model, context_.method, ": a coefficient of step ",
                                context_.where.index, " (lambda ", s.lambda, " to ", t.lambda, ", alpha ", s.alpha, " to ", t.alpha,
                                ", sigma ", s.sigma, " to ", t.sigma, ") is ", worst, ", needs a finite number: ", why));
  }

  tape<R>& tape_;
  std::span<const memory<R>> past_;
  std::vector<noise_interval>& noises_;  ///< streams x lanes
  const detail::step_context<R>& context_;
  value state_;
  evaluated first_, later_;  ///< the evaluation at the step's start, and the newest: they may be asked for again
  level<R> first_level_, later_level_;
  int stage_ = 0;
};

}  // namespace diffode
