// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/control/time_shift.hpp"
#include "diffode/noise/philox.hpp"
#include "diffode/run/lane_writer.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/run/step_sampler.hpp"

#include <cstddef>
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
class time_shift_sampler
    : public detail::step_sampler<time_shift_sampler<T, M, Form, Noise, Backend>, T, Form, detail::lane_writer<M, Form>, Backend> {
  using arrays = detail::step_arrays<T, Backend>;
  using writer = detail::lane_writer<M, Form>;
  using base = detail::step_sampler<time_shift_sampler, T, Form, writer, Backend>;
  using base::form_, base::arrays_, base::writer_, base::at_, base::x_, base::step_, base::calls_, base::outcome_, base::end;

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
    return result<time_shift_sampler>(std::move(made));
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

  run_report report() const { return {outcome_, step_, calls_}; }
  /// The plan of the present step.
  const diffode::plan& plan() const { return writer_.plan(); }
  /// Where each sample starts (model_time) or ends (target_time) the present step; the grid's level where nothing is shifted.
  std::span<const level<>> shifted() const { return {shifted_.data(), shifted_.size()}; }

 private:
  friend base;

  /// What a run takes: how many arrays, and how much noise.
  struct needs {
    std::size_t arrays;
    int noises;
  };

  time_shift_sampler(const M& how, const time_shift& where, Form form, std::span<T> state, std::size_t batch, Noise noise, Backend on)
      : base(std::move(form), state, batch, std::move(on), writer(where.levels(), {state.size() / batch, batch})), method_(how), where_(where),
        noise_(std::move(noise)), samples_{arrays_.sample_size(), batch}, shifted_(batch), moments_(batch) {}

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
    if (shifts) arrays_.backend().measure(moment_measure<T>{arrays_.array(x_).data(), arrays_.size(), samples_}, std::span(moments_));
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
      x_ = inputs_[0];
      ++step_;
      watch(sight<T>{seen::state, step_, where_.steps(), arrays_.array(x_)});
      if (step_ == where_.steps()) return end(status::finished), fault();
      if (const fault f = begin_step()) return end(status::stuck), f;
    }
  }

  M method_;
  time_shift where_;
  Noise noise_;
  lane_map samples_;
  std::vector<level<>> shifted_;
  std::vector<lane_moments> moments_;
  std::vector<int> inputs_;  ///< which array holds what the present step was handed, the state first
};

template <method M, form_like F, array A>
time_shift_sampler(const M&, const time_shift&, const F&, A&&, const run_options& = {})
    -> time_shift_sampler<element_of<A>, M, decltype(as_form(std::declval<F>()))>;
template <method M, form_like F, array A, class Noise>
time_shift_sampler(const M&, const time_shift&, const F&, A&&, const run_options&, Noise)
    -> time_shift_sampler<element_of<A>, M, decltype(as_form(std::declval<F>())), Noise>;

}  // namespace diffode
