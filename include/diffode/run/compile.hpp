// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/backend.hpp"
#include "diffode/concept/method.hpp"
#include "diffode/control/fixed.hpp"
#include "diffode/model/form.hpp"
#include "diffode/tape/lower.hpp"

#include <bit>
#include <concepts>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// What a run does besides its steps. Adaptive control, which plans one step at a time, takes none of these.
struct compile_options {
  /// After the last step, one more evaluation there; the result is its x0.
  bool denoise_at_end = false;
  /// No evaluation for the first prediction, but eps = x/sqrt(alpha^2 + sigma^2), which is nearly right far out in the
  /// noise: one evaluation saved ("afs" in diff-sampler). Source: Dockhorn et al. 2022, arXiv:2210.05475, section 3
  bool analytical_first = false;
  /// What a watcher wants to see. The predicted x0 is stored only when asked for.
  bool watch_state = false, watch_predicted = false, watch_denoised = false;
  /// Every evaluation reads the same array, plan::input_slot(), which holds nothing else: for engines that bind their input
  /// once, or take it in another element type than the state's. Costs that array, which is written along with the state,
  /// and one pass before the first evaluation, which then copies the state there; the same sample, bit by bit.
  bool own_input = false;
  /// The caller's array holds the state alone, never a prediction that finds it free, and the model reads no array of the
  /// history: for states in another element type than the history's. Where a method evaluates other than states, this
  /// includes own_input; else it costs one array more at the most. The same sample where types are the same.
  bool own_state = false;
  /// Terms whose coefficient is 0, or cancels to 0, are kept: what the plan reads and writes then depends on the method and the
  /// number of steps, and no longer on the values of coefficients. For gradients with respect to these (see gradient_of); the same sample,
  /// and reads that count for nothing.
  bool every_term = false;
  friend bool operator==(const compile_options&, const compile_options&) = default;
};

namespace detail {

template <coefficient R, class Form>
model_view<R> view_of(const Form& form) {
  return {&form,
          [](const void* f, const level<R>& at) -> model_numbers<R> {
            const Form& m = *static_cast<const Form*>(f);
            return {m.meaning.x0(at), m.meaning.eps(at), input_scale_of(m.meaning, at), label_of(m.meaning, at), m.mix.weights(at)};
          },
          form.mix.outputs, Form::filters};
}

/// Whether the model is asked on an array that is neither the caller's nor its own.
inline bool shows_history(const plan& p) {
  for (const instruction& i : p.instructions())
    if (i.what == operation::call && p.role(p.outputs(i)[0]) == slot_role::history) return true;
  return false;
}

/// A number for what a model means at every evaluation of a plan: two models with the same may share the plan.
template <class Form>
std::uint64_t mark_of(const Form& form, const plan& p) {
  const model_view<double> view = view_of<double>(form);
  std::uint64_t hash = 0xcbf29ce484222325u ^ static_cast<std::uint64_t>(view.filters);
  const auto mix = [&](double number) { hash = (hash ^ std::bit_cast<std::uint64_t>(number)) * 0x100000001b3u; };
  for (int k = 0; k < p.calls(); ++k)
    for (const level<>& at : p.levels(k)) {
      const model_numbers<double> m = view.at(view.form, at);
      for (const double number : {m.x0.cx, m.x0.cf, m.eps.cx, m.eps.cf, m.input_scale, m.label}) mix(number);
      for (const double weight : m.weight) mix(weight);
    }
  return hash;
}

/// Nothing, or which combine is larger than backends take.
inline fault check_size(const plan& made) {
  for (const instruction& i : made.instructions()) {
    std::size_t on_the_fly = 0;
    for (const operand& o : made.inputs(i)) on_the_fly += o.what == operand::kind::noise || o.what == operand::kind::one;
    const std::size_t ins = static_cast<std::size_t>(i.ins), outs = static_cast<std::size_t>(i.outs);
    if (ins > most_inputs || outs > most_outputs || on_the_fly > most_made)
      return refuse(errc::bad_method, made.method(), ": one of its combines has ", ins, " inputs (", on_the_fly, " of noise), and ", outs,
                    " outputs, needs at most ", most_inputs, " (", most_made, ") and ", most_outputs);
  }
  return {};
}

/// Lets a method write its steps down one after another, handing each what earlier ones chose to remember.
template <coefficient R, method M, control<R> C>
class scribe {
 public:
  scribe(const M& how, const C& where, const model_view<R>& model, const compile_options& o)
      : method_(how), control_(where), options_(o), code_(o.own_input, o.every_term),
        context_{.state = code_.input(), .s = where.at(0), .t = where.at(0), .where = {0, where.steps()},
                 .target = how.target, .method = how.name, .model = model,
                 .between = [](const void* c, const R& lambda) { return static_cast<const C*>(c)->between(lambda); },
                 .at_time = time_of(where), .control = &where, .lanes = where.lanes().count, .watch_denoised = o.watch_denoised,
                 .analytical_first = o.analytical_first} {
    if constexpr (is_paired) context_.partner = code_.input();
  }

  result<plan> write() {
    if (options_.analytical_first && (is_paired || !every([](double way) { return !(way < 0); }, R(control_.at(control_.steps()).lambda - control_.at(0).lambda))))
      return refuse(errc::bad_call, "compile: analytical_first is true, needs false: its formula holds far out in the noise, ",
                    is_paired ? "and a run that is to be undone would not undo it" : "and this run starts from data");
    for (int i = 0; i < control_.steps(); ++i) step(i);
    if (options_.denoise_at_end) denoise();
    // A sum of its own, so that the state arrives in the caller's memory whatever named it last.
    const value ends[] = {context_.state = code_.whole(context_.state), is_paired ? code_.whole(context_.partner) : value::none};
    arrive(context_.where.index + 1, value::none);
    if (const fault f = code_.reason()) return *f;
    plan made = lowering<R>::run(code_, std::span(ends, is_paired ? 2 : 1),
                                 {context_.method, control_.lanes(), control_.steps(), context_.model.outputs, noises_, is_paired, options_.own_state});
    if (const fault f = check_size(made)) return *f;
    if (const fault f = check_direction(made)) return *f;
    return made;
  }

  /// Nothing, or why a run that draws noise can not go this way.
  fault check_direction(const plan& made) const {
    const level<R> first = control_.at(0), last = control_.at(control_.steps());
    if (!made.draws_noise() || every([](double way) { return !(way < 0); }, R(last.lambda - first.lambda))) return {};
    return refuse(errc::bad_method, made.method(), ": lambda goes from ", lane(first.lambda, 0), " to ", lane(last.lambda, 0),
                  ", towards noise, and the method draws noise; inversion needs a deterministic method (eta = 0)");
  }

 private:
  static level<R> (*time_of(const C&))(const void*, const R&) {
    if constexpr (requires(const C& c, const R& t) { { c.at_time(t) } -> std::same_as<level<R>>; })
      return [](const void* c, const R& t) { return static_cast<const C*>(c)->at_time(t); };
    else return nullptr;
  }

  static constexpr bool is_paired = requires { requires M::paired; };

  void step(int i) {
    context_.s = control_.at(i);
    context_.t = control_.at(i + 1);
    context_.where.index = i;
    // Before the first evaluation nobody can be looking yet.
    const bool late = options_.watch_state && i > 0 && (code_.evaluations().empty() || will_correct());
    if (!late) arrive(i, value::none);
    recorder<R> r(code_, past_, noises_, context_);
    const std::size_t first_call = code_.evaluations().size();
    const value reached = method_.step(r, context_.s, context_.t);
    code_.mark_last_of_step(first_call);
    if (late) arrive(i, r.corrected);
    keep(r.remembered);
    code_.comes_from(0, context_.state = reached);
    if (r.next_partner != value::none) context_.partner = r.next_partner;
    context_.carried = r.carry;
    if (options_.watch_predicted) code_.watch(seen::predicted, reached, i + 1);
  }

  /// Whether the coming step corrects the state that it starts from: the step is written and taken back. A state that
  /// stays as it is can be shown before the next evaluation and need not be kept through it.
  bool will_correct() {
    const auto before = code_.here();
    const std::size_t noises = noises_.size();
    recorder<R> r(code_, past_, noises_, context_);
    method_.step(r, context_.s, context_.t);
    code_.back_to(before);
    noises_.resize(noises);
    return r.corrected != value::none;
  }

  /// The state at point i is final.
  void arrive(int i, value corrected) {
    if (options_.watch_state && i > 0)
      code_.watch(seen::state, corrected == value::none ? context_.state : corrected, i);
  }

  void keep(std::vector<memory<R>>& fresh) {
    past_.insert(past_.begin(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
    const std::size_t most = static_cast<std::size_t>(method_.keep());
    if (past_.size() > most) past_.erase(past_.begin() + static_cast<std::ptrdiff_t>(most), past_.end());
  }

  void denoise() {
    arrive(control_.steps(), value::none);
    context_.s = context_.t = control_.at(control_.steps());
    context_.where.index = control_.steps();
    recorder<R> r(code_, past_, noises_, context_);
    context_.state = r.denoise(context_.state, context_.s);
  }

  const M& method_;
  const C& control_;
  const compile_options& options_;
  tape<R> code_;
  std::vector<memory<R>> past_;
  std::vector<noise_interval> noises_;
  step_context<R> context_;
};

}  // namespace detail

/// Plans the whole run of a method over a control: every coefficient of every step, before any array exists.
///
/// Errors  refuses what the method, the model or the control refuse of themselves, and runs in which a coefficient
///         would not be finite, naming the step
template <coefficient R, method M, control<R> C, form_like F>
result<plan> try_compile(const M& how, const C& where, const F& model, const compile_options& o = {}) {
  const auto form = as_form(model);
  if (const fault f = how.check()) return *f;
  if (const fault f = where.check()) return *f;
  if (const fault f = form.check()) return *f;
  const auto written = [&](const compile_options& options) { return detail::scribe<R, M, C>(how, where, detail::view_of<R>(form), options).write(); };
  result<plan> made = written(o);
  if (made && o.own_state && detail::shows_history(made.value())) {
    compile_options both = o;
    both.own_input = true;
    static_cast<void>(made = written(both));  // nvcc takes the assignment for a result that is thrown away
  }
  if (!made) return made;
  const std::uint64_t mark = detail::mark_of(form, made.value());
  return std::move(made).value().made_for(mark);
}

/// The same for whatever says where to go: a grid for the whole state, `fixed<lanes>` for samples, frames or channel
/// groups that are at different levels at the same time, or a control of your own.
template <method M, class Levels, form_like F>
  requires(!coefficient<M>)
result<plan> try_compile(const M& how, const Levels& levels, const F& model, const compile_options& o = {}) {
  if constexpr (std::convertible_to<const Levels&, const grid&>) return try_compile<double>(how, fixed<double>(levels), model, o);
  else if constexpr (control<Levels, double>) return try_compile<double>(how, levels, model, o);
  else {
    static_assert(control<Levels, lanes>, "levels must be a grid, fixed<lanes>, or a control; see concept/control.hpp");
    return try_compile<lanes>(how, levels, model, o);
  }
}
template <method M, class Levels, form_like F>
plan compile(const M& how, const Levels& levels, const F& model, const compile_options& o = {}) {
  return try_compile(how, levels, model, o).value();
}

}  // namespace diffode
