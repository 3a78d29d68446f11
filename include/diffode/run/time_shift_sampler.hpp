// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/control/time_shift.hpp"
#include "diffode/noise/philox.hpp"
#include "diffode/run/lane_writer.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/run/step_arrays.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// Pull style with time shift: as `sampler`, but each step is planned when the variance of the state before it is known.
///
/// Shapes   a request has one level for each sample of the batch, request::levels, each with its own label
/// Elements all arrays have the type of the caller's
/// Memory   the caller's array: noise in, sample out. All others are taken when it is made, and arrays change their roles
///          instead of being copied; if the sample comes to lie in another array, it is copied once, at the end. Planning a
///          step allocates too: levels and coefficients, numbers for each sample but never arrays
template <class T, method M, class Form, class Noise = philox, class Backend = cpu>
class time_shift_sampler {
  using arrays = detail::step_arrays<T, Backend>;
  using writer = detail::lane_writer<M, Form>;

 public:
  /// Errors  those of try_sample, thrown
  template <form_like F, array A>
  time_shift_sampler(const M& how, const time_shift& where, const F& model, A&& x, const run_options& o = {}, Noise noise = {}, Backend on = {})
      : time_shift_sampler(try_make(how, where, as_form(model), x, o, std::move(noise), std::move(on)).value()) {
    static_assert(detail::outlives_call<A>, "diffode: this array would be gone before the run: give the sampler a named one");
  }

  template <array A>
  static result<time_shift_sampler> try_make(const M& how, const time_shift& where, Form form, A&& x, const run_options& o = {}, Noise noise = {}, Backend on = {}) {
    using detail::refuse;
    using traits = array_traits<std::remove_cvref_t<A>>;
    if constexpr (requires { traits::check(x); })
      if (const fault f = traits::check(x)) return *f;
    if (const fault f = check(how, where, form)) return *f;
    if (o.plan != compile_options{}) return refuse(errc::bad_call, "time_shift: options have a plan part, needs none: a run is planned step by step");
    if (o.partner_in_memory) return refuse(errc::bad_call, "time_shift: partner_in_memory is true, needs false: no method of time shift has a second state");
    const std::span<T> state(traits::data(x), traits::size(x));
    if (const fault f = arrays::check("time_shift", state.size(), o.batch)) return *f;
    if (state.size() == o.batch) return refuse(errc::bad_shape, "time_shift: size of a sample is 1, needs at least 2, of which there is a variance");
    time_shift_sampler made(how, where, std::move(form), state, o.batch, std::move(noise), std::move(on));
    if (const fault f = made.prepare(o.memory)) return *f;
    return made;
  }

  /// The `memory` that a run on an array of this size needs in its options, if it is to take none itself.
  /// Errors  as try_sample
  template <form_like F>
  static result<std::size_t> try_bytes(const M& how, const time_shift& where, const F& model, std::size_t size) {
    const Form form = as_form(model);
    if (const fault f = check(how, where, form)) return *f;
    const result<needs> all = foresee(how, where, form, lane_map());
    if (!all) return *all.reason();
    return (all.value().arrays - 1) * size * sizeof(T);
  }
  template <form_like F>
  static std::size_t bytes(const M& how, const time_shift& where, const F& model, std::size_t size) {
    return try_bytes(how, where, model, size).value();
  }

  time_shift_sampler(time_shift_sampler&&) noexcept = default;
  time_shift_sampler& operator=(time_shift_sampler&&) noexcept = default;

  /// The evaluation wanted now, or nothing when the run has ended: see report(). Asking again gives the same answer.
  std::optional<request<T>> next() const {
    if (outcome_ != status::waiting) return std::nullopt;
    const instruction& i = plan().instructions()[at_];
    const evaluation<>& e = plan().call(i.tag);
    return request<T>{arrays_.slot_data(plan().outputs(i)[0]), e.at.label, e.at, plan().levels(i.tag), e.outputs, calls_, e.step, e.stage, e.last_of_step};
  }

  /// The model's answer to next(); consumed before this returns. `watch` sees the state at every point of the grid.
  /// Errors  refuses an answer nobody asked for, and one of the wrong size; the run is then as it was. Says why the next
  ///         step can not be planned; the run has then ended, `stuck`
  template <class Watch = unwatched>
  void feed(std::type_identity_t<std::span<const T>> output, Watch&& watch = {}) {
    raise(try_feed(output, watch));
  }
  template <class Watch = unwatched>
  void feed(std::initializer_list<std::span<const T>> outputs, Watch&& watch = {}) {
    raise(try_feed(std::span<const std::span<const T>>(outputs.begin(), outputs.size()), watch));
  }
  template <class Watch = unwatched>
  fault try_feed(std::type_identity_t<std::span<const T>> output, Watch&& watch = {}) {
    return try_feed(std::span<const std::span<const T>>(&output, 1), watch);
  }
  template <class Watch = unwatched>
  fault try_feed(std::span<const std::span<const T>> outputs, Watch&& watch = {}) {
    const auto wanted = next();
    if (!wanted) return detail::refuse(errc::bad_call, "feed: the run has ended after ", calls_, " evaluations, needs a next() that asks for one");
    if (const fault f = detail::check_outputs<T>(outputs, wanted->outputs, form_.mix.outputs, arrays_.size())) return f;
    arrays_.answer(outputs);
    ++calls_, ++at_;
    return run(watch);
  }

  bool finished() const { return outcome_ == status::finished; }
  /// Ends the run where it is: the caller's array is the state at the last point that was reached.
  status stop() {
    if (outcome_ == status::waiting) end(status::stopped);
    return outcome_;
  }
  run_report report() const { return {outcome_, step_, calls_}; }
  /// The plan of the present step.
  const diffode::plan& plan() const { return writer_.plan(); }
  /// Where each sample starts (model_time) or ends (target_time) the present step; the grid's level where nothing is shifted.
  std::span<const level<>> shifted() const { return {shifted_.data(), shifted_.size()}; }
  /// The caller's array: the sample, once the run has ended.
  std::span<T> state() { return arrays_.array(0); }

 private:
  /// What a run takes: how many arrays, and how much noise.
  struct needs {
    std::size_t arrays;
    int noises;
  };

  time_shift_sampler(const M& how, const time_shift& where, Form form, std::span<T> state, std::size_t batch, Noise noise, Backend on)
      : method_(how), where_(where), form_(std::move(form)), noise_(std::move(noise)), arrays_(state, batch, std::move(on)),
        samples_{arrays_.sample_size(), batch}, writer_(where.levels(), samples_), shifted_(batch), moments_(batch) {}

  static fault check(const M& how, const time_shift& where, const Form& form) {
    if (const fault f = how.check()) return f;
    if (const fault f = where.check(how.keep() > 0)) return f;
    if (const fault f = form.check()) return f;
    if constexpr (requires { requires M::paired; })
      return detail::refuse(errc::bad_method, how.name, ": a second state travels with it, needs a method without one for time shift");
    return {};
  }

  /// Plans the whole run on the grid's own levels: a shift changes numbers and no more.
  static result<needs> foresee(const M& how, const time_shift& where, const Form& form, lane_map samples) {
    writer ahead(where.levels(), samples);
    int most = 1;
    for (int i = 0; i < where.steps(); ++i) {
      if (const fault f = ahead.write(how, form, everywhere(where.at(i)), everywhere(where.at(i + 1)), {i, where.steps()})) return *f;
      if (most < ahead.plan().slots()) most = ahead.plan().slots();
    }
    return needs{static_cast<std::size_t>(most), ahead.plan().noises()};
  }
  static level<lanes> everywhere(const level<>& at) { return {at.t, at.alpha, at.sigma, at.lambda, at.label}; }

  fault prepare(std::span<std::byte> memory) {
    const result<needs> all = foresee(method_, where_, form_, samples_);
    if (!all) return all.reason();
    if constexpr (requires { noise_.check(0, std::size_t{}, std::size_t{}); })
      if (const fault f = noise_.check(all.value().noises, arrays_.size(), samples_.count)) return f;
    if (const fault f = arrays_.provide("time_shift", all.value().arrays, memory)) return f;
    inputs_.assign(1, 0);
    if (const fault f = begin_step()) return f;
    return run(unwatched{});
  }

  fault begin_step() {
    const bool shifts = where_.shifts(step_);
    const int point = where_.shifted(step_);
    if (shifts) arrays_.backend().measure(moment_measure<T>{arrays_.array(inputs_[0]).data(), arrays_.size(), samples_}, std::span(moments_));
    for (std::size_t k = 0; k < shifted_.size(); ++k)
      shifted_[k] = shifts ? where_.nearest(point, moments_[k].squares / (moments_[k].count - 1)) : where_.at(point);
    const level<lanes> moved = shifts ? join(shifted_) : everywhere(where_.at(point));
    const bool starts = point == step_;
    const level<lanes> s = starts ? moved : everywhere(where_.at(step_)), t = starts ? everywhere(where_.at(step_ + 1)) : moved;
    if (const fault f = writer_.write(method_, form_, s, t, {step_, where_.steps()})) return f;
    if (const std::size_t needed = static_cast<std::size_t>(plan().slots()); needed > arrays_.count())
      return detail::refuse(errc::bad_method, method_.name, ": step ", step_, " takes ", needed, " arrays, needs at most ", arrays_.count(),
                            ", as it does at the levels of the grid, for time shift");
    if constexpr (requires { noise_.bind(noise_needs{}); })
      if (const fault f = noise_.bind({writer_.noises(), samples_, arrays_.sample_size()})) return f;
    arrays_.cast(inputs_);
    at_ = 0;
    return {};
  }

  /// Everything up to the next call, or to the end.
  template <class Watch>
  fault run(Watch&& watch) {
    outcome_ = status::broken;  // until the next call is reached: what throws on the way leaves arrays half-written
    for (;;) {
      const auto code = plan().instructions();
      for (; at_ < code.size(); ++at_) {
        const instruction& i = code[at_];
        if (i.what == operation::call) return outcome_ = status::waiting, fault();
        if (i.what == operation::combine) arrays_.combine(plan(), i, noise_);
        else arrays_.filter(plan(), i, form_.limit);
      }
      inputs_.clear();
      for (const slot s : writer_.places()) inputs_.push_back(arrays_.array_of(s));
      ++step_;
      watch(sight<T>{seen::state, step_, where_.steps(), arrays_.array(inputs_[0])});
      if (step_ == where_.steps()) return end(status::finished), fault();
      if (const fault f = begin_step()) return end(status::stuck), f;
    }
  }

  void end(status how) {
    if (inputs_[0] != 0) arrays_.copy(inputs_[0], 0);
    outcome_ = how;
  }

  M method_;
  time_shift where_;
  Form form_;
  Noise noise_;
  arrays arrays_;
  lane_map samples_;
  writer writer_;
  std::vector<level<>> shifted_;
  std::vector<lane_moments> moments_;
  std::vector<int> inputs_;  ///< which array holds what the present step was handed, the state first
  std::size_t at_ = 0;
  int step_ = 0, calls_ = 0;
  status outcome_ = status::waiting;
};

template <method M, form_like F, array A>
time_shift_sampler(const M&, const time_shift&, const F&, A&&, const run_options& = {})
    -> time_shift_sampler<element_of<A>, M, decltype(as_form(std::declval<F>()))>;
template <method M, form_like F, array A, class Noise>
time_shift_sampler(const M&, const time_shift&, const F&, A&&, const run_options&, Noise)
    -> time_shift_sampler<element_of<A>, M, decltype(as_form(std::declval<F>())), Noise>;

}  // namespace diffode
