// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/control/adaptive.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/run/step_sampler.hpp"
#include "diffode/run/step_writer.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace diffode {

/// Pull style with adaptive control: as `sampler`, but each step is planned when the one before is known.
///
/// A step that is taken back costs no second evaluation at its start: the prediction there is kept.
/// Elements all arrays have the type of the caller's; for a state of 16 bits that makes errors that no step size mends
/// Memory   the caller's array: noise in, sample out. All others are taken when it is made; nothing is allocated after
///          that, and arrays change their roles instead of being copied. If the sample comes to lie in another array, it
///          is copied once, at the end
template <class T, method M, class Form, class Backend = cpu>
class adaptive_sampler : public detail::step_sampler<adaptive_sampler<T, M, Form, Backend>, T, Form, detail::step_writer<M, Form>, Backend> {
  using arrays = detail::step_arrays<T, Backend>;
  using writer = detail::step_writer<M, Form>;
  using base = detail::step_sampler<adaptive_sampler, T, Form, writer, Backend>;
  using base::form_, base::arrays_, base::writer_, base::at_, base::x_, base::step_, base::calls_, base::outcome_, base::end;

 public:
  /// Errors  those of try_sample, thrown
  template <form_like F, array A>
  adaptive_sampler(const M& how, const adaptive& where, const F& model, A&& x, const run_options& o = {}, Backend on = {})
      : adaptive_sampler(try_make(how, where, as_form(model), x, o, std::move(on)).value()) {
    static_assert(detail::outlives_call<A>, "diffode: this array would be gone before the run: give the sampler a named one");
  }

  template <array A>
  static result<adaptive_sampler> try_make(const M& how, const adaptive& where, Form form, A&& x, const run_options& o = {}, Backend on = {}) {
    using traits = array_traits<std::remove_cvref_t<A>>;
    if constexpr (requires { traits::check(x); })
      if (const fault f = traits::check(x)) return *f;
    if (const fault f = check(how, where, form)) return *f;
    if (o.plan != compile_options{}) return detail::refuse(errc::bad_call, "adaptive: options have a plan part, needs none: states are shown as they are accepted, and arrays change their roles");
    if (o.partner_in_memory) return detail::refuse(errc::bad_call, "adaptive: partner_in_memory is true, needs false: no method of adaptive control has a second state");
    const std::span<T> state(traits::data(x), traits::size(x));
    if (const fault f = arrays::check("adaptive", state.size(), o.batch)) return *f;
    adaptive_sampler made(how, where, std::move(form), state, o.batch, std::move(on));
    if (const fault f = made.prepare(o.memory)) return *f;
    return result<adaptive_sampler>(std::move(made));
  }

  /// The `memory` that a run on an array of this size needs in its options, if it is to take none itself.
  /// Errors  as try_sample
  template <form_like F>
  static result<std::size_t> try_bytes(const M& how, const adaptive& where, const F& model, std::size_t size) {
    const Form form = as_form(model);
    if (const fault f = check(how, where, form)) return *f;
    writer written;
    const result<std::size_t> most = arrays_needed(written, how, where, form);
    if (!most) return *most.reason();
    return (most.value() - 1) * size * sizeof(T);
  }
  template <form_like F>
  static std::size_t bytes(const M& how, const adaptive& where, const F& model, std::size_t size) {
    return try_bytes(how, where, model, size).value();
  }

  adaptive_sampler(adaptive_sampler&&) noexcept = default;
  adaptive_sampler& operator=(adaptive_sampler&&) noexcept = default;

  run_report report() const { return {outcome_, step_, calls_, rejected_, last_.error}; }
  /// The newest attempt that came to its end.
  const attempt& last_attempt() const { return last_; }
  /// How far, in lambda, the present attempt means to go.
  double step_size() const { return pace_.h; }
  /// The newest accepted level.
  const level<>& at() const { return here_; }

 private:
  friend base;

  adaptive_sampler(const M& how, const adaptive& where, Form form, std::span<T> state, std::size_t batch, Backend on)
      : base(std::move(form), state, batch, std::move(on), {}), method_(how), where_(where), here_(where.first()), pace_(where.start()) {}

  static fault check(const M& how, const adaptive& where, const Form& form) {
    if (const fault f = how.check()) return f;
    if (const fault f = where.check()) return f;
    if (const fault f = form.check()) return f;
    if constexpr (requires { requires M::paired; })
      return detail::refuse(errc::bad_method, how.name, ": a second state travels with it, needs a method without one for adaptive control");
    if (how.keep() != 0)
      return detail::refuse(errc::bad_method, how.name, ": it remembers ", how.keep(), how.keep() == 1 ? " evaluation" : " evaluations",
                            ", needs 0 for adaptive control, which takes steps back");
    return {};
  }

  /// Writes a step of either kind, to see that it can be and how many arrays it takes.
  static result<std::size_t> arrays_needed(writer& written, const M& how, const adaptive& where, const Form& form) {
    const level<> from = where.first(), to = where.next(from, where.start());
    if (const fault f = written.write(how, where, form, from, to, 0, false, false)) return *f;
    const int most = written.plan().slots();
    const auto places = written.places();
    if (const fault f = written.write(how, where, form, from, to, 0, places.x0 >= 0, places.eps >= 0)) return *f;
    return static_cast<std::size_t>(most < written.plan().slots() ? written.plan().slots() : most);
  }

  fault prepare(std::span<std::byte> memory) {
    const result<std::size_t> most = arrays_needed(writer_, method_, where_, form_);
    if (!most) return most.reason();
    if (const fault f = arrays_.provide("adaptive", most.value(), memory)) return f;
    if (const fault f = write()) return f;
    arrays_.copy(x_, low_);  // the scale of the first error is the state itself
    return next_attempt(unwatched{});
  }

  fault write() {
    if (const fault f = writer_.write(method_, where_, form_, here_, where_.next(here_, pace_), step_, held_x0_ >= 0, held_eps_ >= 0)) return f;
    if (const int needed = writer_.plan().slots(); static_cast<std::size_t>(needed) > arrays_.count())
      return detail::refuse(errc::bad_method, method_.name, ": step ", step_, " takes ", needed, " arrays, needs at most ", arrays_.count(),
                            ", as step 0 does, for adaptive control: give no step a higher order than the first");
    return {};
  }

  /// x_, low_ and held_* are numbers of arrays; the first slots of a plan stand for these.
  void cast() {
    int first[4] = {x_, low_, -1, -1};
    std::size_t count = 2;
    for (const int held : {held_x0_, held_eps_})
      if (held >= 0) first[count++] = held;
    arrays_.cast({first, count});
  }

  template <class Watch>
  fault next_attempt(Watch&& watch) {
    if (calls_ + writer_.plan().calls() > where_.options().most_calls) return end(status::exhausted), fault();
    cast();
    at_ = 0;
    return run(watch);
  }

  /// Everything up to the next call.
  template <class Watch>
  fault run(Watch&& watch) {
    outcome_ = status::broken;  // until the next call is reached: what throws on the way leaves arrays half-written
    const auto code = writer_.plan().instructions();
    for (; at_ < code.size(); ++at_) {
      const instruction& i = code[at_];
      const auto slots = writer_.plan().outputs(i);
      switch (i.what) {
        case operation::call: outcome_ = status::waiting; return {};
        case operation::combine: arrays_.combine(writer_.plan(), i, detail::no_noise{}); break;
        case operation::filter: arrays_.filter(writer_.plan(), i, form_.limit); break;
        case operation::measure: last_.error = error_of(slots); break;
        case operation::watch: break;
      }
    }
    return decide(watch);
  }

  template <class Watch>
  fault decide(Watch&& watch) {
    const auto& places = writer_.places();
    last_.from = here_, last_.to = where_.next(here_, pace_);
    last_.accepted = where_.judge(pace_, method_.order(), last_.error, here_, last_.to);
    if (last_.accepted) {
      ++step_;
      here_ = last_.to;
      x_ = arrays_.array_of(places.high), low_ = arrays_.array_of(places.low);
      held_x0_ = held_eps_ = -1;
      watch(sight<T>{seen::state, step_, 0, arrays_.array(x_)});
    } else {
      ++rejected_;
      held_x0_ = arrays_.array_of(places.x0), held_eps_ = arrays_.array_of(places.eps);
    }
    if (last_.accepted && where_.arrived(here_)) return end(status::finished), fault();
    if (where_.stuck(here_, pace_)) return end(status::stuck), fault();
    if (const fault f = write()) return end(status::stuck), f;
    return next_attempt(watch);
  }

  double error_of(std::span<const slot> slots) {
    const auto data = [&](std::size_t k) { return arrays_.slot_data(slots[k]).data(); };
    const adaptive_options& o = where_.options();
    return arrays_.backend().template measure<T>(
        error_measure<T>{data(0), data(1), data(2), arrays_.size(), arrays_.sample_size(), o.atol, o.rtol, o.rule.over == error_norm::whole_batch});
  }

  M method_;
  adaptive where_;
  level<> here_;
  adaptive::state pace_;
  int low_ = 1, held_x0_ = -1, held_eps_ = -1, rejected_ = 0;
  attempt last_;
};

template <method M, form_like F, array A>
adaptive_sampler(const M&, const adaptive&, const F&, A&&, const run_options& = {})
    -> adaptive_sampler<element_of<A>, M, decltype(as_form(std::declval<F>()))>;

}  // namespace diffode
