// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/parameterisation.hpp"
#include "diffode/core/prediction.hpp"
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
  value m;               ///< the prediction
  level<R> at;           ///< where it was made
  int order = 1;         ///< order of the step that was taken with it
};

/// Where a step lies in its run; both known before the run starts, on a fixed grid.
struct step_position {
  int index = 0, count = 1;
  int remaining() const { return count - index; }
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
  const void* control;
  bool watch_denoised;
};

}  // namespace detail

/// The pen a method writes one step with: it names values and computes coefficients, and never sees an array.
template <coefficient R>
class recorder {
 public:
  recorder(tape<R>& code, std::span<const memory<R>> past, int& noises, const detail::step_context<R>& context)
      : tape_(code), past_(past), noises_(noises), context_(context) {}

  /// The state at the step's start.
  value state() const { return context_.state; }

  /// Evaluates the model on `x` and returns its prediction, in the form the method asked for by its `target`.
  value predict(value x, const level<R>& at) {
    const evaluated e = evaluate(x, at, context_.target == prediction::x0);
    if (context_.target == prediction::x0) return e.x0;
    return context_.model.filters ? sum({{x, 1 / at.sigma}, {e.x0, -at.alpha / at.sigma}}) : mixed(e, e.numbers.eps);
  }

  /// Evaluates the model on `x` and returns both predictions.
  predictions predict_both(value x, const level<R>& at) {
    const evaluated e = evaluate(x, at, true);
    return {e.x0, mixed(e, e.numbers.eps)};
  }

  /// Evaluates the model on `x` and returns x0 alone, which exists at sigma = 0 too.
  value denoise(value x, const level<R>& at) { return evaluate(x, at, true).x0; }

  /// The only arithmetic there is: sum_k c_k v_k.
  value sum(std::initializer_list<term<R>> terms) { return sum(std::span<const term<R>>(terms.begin(), terms.size())); }
  value sum(std::span<const term<R>> terms) {
    for (const term<R>& t : terms)
      if (!every([](double c) { return std::isfinite(c); }, t.c)) refuse_coefficient(t.c);
    return tape_.sum(terms);
  }

  /// Unit normal noise, independent of every other in the run.
  value noise() { return tape_.noise(noises_++); }

  /// How many earlier evaluations are remembered, and the k-th of them, newest first.
  std::size_t depth() const { return past_.size(); }
  const memory<R>& past(std::size_t k) const { return past_[k]; }
  void remember(value prediction, const level<R>& at, int order = 1) { remembered.push_back({prediction, at, order}); }

  /// The state at the step's start, improved by the evaluation there (what a corrector does).
  void correct(value x) { corrected = x; }

  step_position position() const { return context_.where; }

  /// The constant 1 everywhere, for terms that belong to no array.
  value one() { return tape_.one(); }

  /// Says that the method can not take this step: the run is refused while it is planned.
  void refuse(std::string_view why) { tape_.refuse(detail::refuse(errc::bad_method, context_.method, ": ", why)); }

  /// The point of the noise path with this lambda, for stages between two levels.
  level<R> at_lambda(const R& lambda) const { return context_.between(context_.control, lambda); }

  // What the step left behind, for the planner.
  std::vector<memory<R>> remembered;
  value corrected = value::none;

 private:
  struct evaluated {
    value x, x0;
    std::array<value, max_outputs> raw;
    detail::model_numbers<R> numbers;
  };

  evaluated evaluate(value x, const level<R>& at, bool wants_x0) {
    const detail::model_view<R>& model = context_.model;
    evaluated e{x, value::none, {}, model.at(model.form, at)};
    const bool unscaled = every([](double c) { return c == 1; }, e.numbers.input_scale);
    const value shown = unscaled ? x : sum({{x, e.numbers.input_scale}});
    evaluation<R> call{.at = at, .outputs = 0, .step = context_.where.index, .stage = stage_++};
    call.at.label = e.numbers.label;
    if (!every([](double v) { return std::isfinite(v); }, call.at.label))
      refuse(detail::text("the label at sigma ", lane(at.sigma, 0), " would be ", lane(call.at.label, 0),
                          ", needs a finite number: this model can not be asked there"));
    for (int k = 0; k < model.outputs; ++k)
      if (!every([](double w) { return w == 0; }, weight(e, k))) call.outputs |= 1u << k;
    const value called = tape_.call(shown, std::move(call));
    for (int k = 0; k < model.outputs; ++k) e.raw[static_cast<std::size_t>(k)] = tape_.output(called, k);
    if (wants_x0 || model.filters || context_.watch_denoised) e.x0 = mixed(e, e.numbers.x0);
    if (model.filters) e.x0 = tape_.filter(e.x0, static_cast<int>(tape_.evaluations().size()) - 1);
    if (context_.watch_denoised) tape_.watch(seen::denoised, e.x0, context_.where.index);
    return e;
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
    tape_.refuse(detail::refuse(errc::bad_model, context_.method, ": a coefficient of step ", context_.where.index, " (lambda ",
                                s.lambda, " to ", t.lambda, ", alpha ", s.alpha, " to ", t.alpha, ", sigma ", s.sigma, " to ",
                                t.sigma, ") is ", worst, ", needs a finite number: an eps or score model has no x0 where alpha = 0, "
                                "and noise prediction has no limit at sigma = 0; use v, x0 or flow, or move the end of the grid"));
  }

  tape<R>& tape_;
  std::span<const memory<R>> past_;
  int& noises_;
  const detail::step_context<R>& context_;
  int stage_ = 0;
};

}  // namespace diffode
