// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/adapter/span.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/concept/noise_source.hpp"
#include "diffode/core/report.hpp"
#include "diffode/noise/philox.hpp"
#include "diffode/run/compile.hpp"
#include "diffode/run/request.hpp"
#include "diffode/run/workspace.hpp"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// What a run has to know of the state.
struct run_options {
  std::size_t batch = 1;             ///< samples in the state, one after another
  std::span<std::byte> memory = {};  ///< for the other arrays, workspace<T>::bytes(plan, size) of it; empty: taken when made
  compile_options plan = {};         ///< where the run is planned along with the sampler
  /// For methods with a second state (reversible): whether the first array of `memory` holds it already, as a run in the
  /// other direction left it. Otherwise it starts as a copy of the state.
  bool partner_in_memory = false;
};

/// Looks at nothing.
struct unwatched {
  void operator()(auto&&...) const {}
};

/// Pull style: asks for evaluations with next(), takes the answers with feed(). One sampler per request; the plan may
/// be shared. Not for two threads at once.
///
/// Memory   the caller's array is slot 0: noise in, sample out. The other plan().slots() - 1 arrays are taken when the
///          sampler is made, from the caller if given. Nothing is allocated after that, and the state is never copied.
///
/// T        element type of the caller's array, and so of the state, which is rounded to it after every step: double, float,
///          float16, bfloat16, or a type with the same bits
/// History  of the sampler's own arrays: predictions, and states between the stages of a step; where it differs from T, the
///          plan needs compile_options::own_state
/// Model    of what the model reads and answers; where it differs from T, the plan needs compile_options::own_input
template <elemental T, class Noise = philox, class Filter = no_filter, class Backend = cpu, elemental History = default_history<T>, elemental Model = T>
class sampler {
  using arrays = workspace<T, History, Model>;

 public:
  /// Plans a run of `how` over `levels` for a model that means `model`, on the array `x` (the state at levels.front()).
  /// Errors  all of compile's; refuses an array that the batch or the lanes do not divide
  template <method M, class Levels, form_like F, array A>
  sampler(const M& how, const Levels& levels, const F& model, A&& x, const run_options& o = {}, Noise noise = {})
      : sampler(compile(how, levels, model, arrays::planned(o.plan)), x, run_options{.batch = o.batch, .memory = o.memory, .partner_in_memory = o.partner_in_memory},
                std::move(noise), as_form(model).limit) {
    static_assert(detail::outlives_call<A>, "diffode: this array would be gone before the run: give the sampler a named one");
  }

  /// Runs a plan that was made before.
  template <array A>
  sampler(shared_plan made, A&& x, const run_options& o = {}, Noise noise = {}, Filter limit = {}, Backend on = {})
      : sampler(try_make(std::move(made), x, o, std::move(noise), std::move(limit), std::move(on)).value()) {
    static_assert(detail::outlives_call<A>, "diffode: this array would be gone before the run: give the sampler a named one");
  }

  template <array A>
  static result<sampler> try_make(shared_plan made, A&& x, const run_options& o = {}, Noise noise = {}, Filter limit = {},
                                  Backend on = {}) {
    using traits = array_traits<std::remove_cvref_t<A>>;
    if constexpr (requires { traits::check(x); })  // arrays that may have gaps in memory
      if (const fault f = traits::check(x)) return *f;
    const std::span<T> state(traits::data(x), traits::size(x));
    if (o.plan != compile_options{})
      return detail::refuse(errc::bad_call, "sampler: options have a plan part, needs none beside a plan that is made: give it to compile");
    if (!std::same_as<Filter, no_filter> && made->filters() == 0)
      return detail::refuse(errc::bad_call, "sampler: limit is a filter, needs none: the plan was made without");
    if (const fault f = arrays::check_types(*made)) return *f;
    if (std::same_as<Filter, no_filter> && made->filters() > 0)
      return detail::refuse(errc::bad_call, "sampler: limit is no_filter, needs the filter that the plan was made with: it has ", made->filters(), " filter passes");
    if (o.partner_in_memory && (!made->paired() || o.memory.empty()))
      return detail::refuse(errc::bad_call, "sampler: partner_in_memory is true, needs a method with a second state, and memory: ", made->method(),
                            made->paired() ? " has one, memory is empty" : " has none");
    if (const fault f = arrays::check(*made, state.data(), state.size(), o.batch, o.memory)) return *f;
    if constexpr (requires { noise.check(made->noises(), state.size(), o.batch); })
      if (const fault f = noise.check(made->noises(), state.size(), o.batch)) return *f;
    if constexpr (requires { noise.bind(noise_needs{}); })
      if (const fault f = noise.bind({made->noise_intervals(), made->lanes(), state.size() / o.batch})) return *f;
    std::span<std::byte> memory = o.memory;
    if constexpr (requires { on.try_reserve(std::size_t{}); })  // arrays are where only the backend can take memory
      if (const std::size_t bytes = arrays::bytes(*made, state.size()); memory.empty() && bytes > 0) {
        const result<std::span<std::byte>> taken = on.try_reserve(bytes);
        if (!taken) return *taken.reason();
        memory = taken.value();
      }
    if constexpr (requires { on.template prepare<typename arrays::elements>(*made); })
      if (const fault f = on.template prepare<typename arrays::elements>(*made)) return *f;
    return sampler(arrays(std::move(made), state, o.batch, memory), std::move(noise), std::move(limit), std::move(on), o.partner_in_memory);
  }

  /// What a plan for these element types is to be compiled with.
  static compile_options planned(const compile_options& o) { return arrays::planned(o); }

  /// The evaluation wanted now, or nothing when the run is finished. Asking again gives the same answer.
  std::optional<request<Model>> next() const {
    if (!waiting()) return std::nullopt;
    const instruction& i = arrays_.plan().instructions()[at_];
    const evaluation<>& e = arrays_.plan().call(i.tag);
    return request<Model>{arrays_.template slot<Model>(arrays_.plan().outputs(i)[0]), e.at.label, e.at, arrays_.plan().levels(i.tag), e.outputs,
                      i.tag, e.step, e.stage, e.last_of_step};
  }

  /// The model's answer to next(), x-sized. It is consumed before this returns.
  /// Errors  refuses an answer nobody asked for, and one of the wrong size; the run is then as it was
  template <class Watch = unwatched>
  void feed(std::type_identity_t<std::span<const Model>> output, Watch&& watch = {}) {
    raise(try_feed(output, watch));
  }
  /// The same for a model with several outputs, in the order of the guidance; those not wanted may be empty.
  template <class Watch = unwatched>
  void feed(std::initializer_list<std::span<const Model>> outputs, Watch&& watch = {}) {
    raise(try_feed(std::span<const std::span<const Model>>(outputs.begin(), outputs.size()), watch));
  }
  template <class Watch = unwatched>
  fault try_feed(std::type_identity_t<std::span<const Model>> output, Watch&& watch = {}) {
    return try_feed(std::span<const std::span<const Model>>(&output, 1), watch);
  }
  template <class Watch = unwatched>
  fault try_feed(std::span<const std::span<const Model>> outputs, Watch&& watch = {}) {
    if (const fault f = check_answer(outputs)) return f;
    for (std::size_t k = 0; k < outputs.size(); ++k) answer_[k] = outputs[k].data();
    ++at_;
    run(watch);
    return {};
  }

  bool finished() const { return !broken_ && at_ == arrays_.plan().instructions().size(); }
  run_report report() const { return {broken_ ? status::broken : finished() ? status::finished : status::waiting, steps_done(), calls_done()}; }
  const diffode::plan& plan() const { return arrays_.plan(); }
  /// The caller's array: the sample, once finished.
  std::span<T> state() { return arrays_.slot(0); }
  /// The second state of a method that has one, empty for others. In the caller's `memory`, if that was given.
  std::span<T> partner() { return plan().paired() ? arrays_.slot(1) : std::span<T>(); }

  /// Starts the same run again on what the caller's array holds now. Nothing of the run before is left but the partner,
  /// where it came in the caller's memory.
  void restart() {
    at_ = 0;
    if (plan().paired() && !keeps_partner_) arrays_.copy_to_partner(backend_);
    run(unwatched{});
  }

  /// All that the run has reached, and back to it: with the same plan and noise, on any machine or thread.
  /// Errors  restore refuses what was saved from another plan or array size
  saved_run<T> save() const { return arrays_.save(at_, backend_); }
  void restore(const saved_run<T>& from) { raise(try_restore(from)); }
  fault try_restore(const saved_run<T>& from) {
    if (const fault f = arrays_.check(from)) return f;
    arrays_.load(from, backend_);
    at_ = from.at;
    broken_ = false;
    return {};
  }

 private:
  sampler(arrays memory, Noise noise, Filter limit, Backend on, bool keeps_partner)
      : arrays_(std::move(memory)), keeps_partner_(keeps_partner), noise_(std::move(noise)), filter_(std::move(limit)), backend_(std::move(on)) {
    restart();
  }

  bool waiting() const { return !broken_ && !finished(); }
  int calls_done() const {
    int n = 0;
    for (std::size_t i = 0; i < at_; ++i) n += arrays_.plan().instructions()[i].what == operation::call;
    return n;
  }
  int steps_done() const {
    const auto call = next();
    return call ? call->step : finished() ? arrays_.plan().steps() : 0;
  }

  fault check_answer(std::span<const std::span<const Model>> outputs) const {
    using detail::refuse;
    if (broken_) return refuse(errc::bad_call, "feed: the run broke off in a watcher, filter, noise source or backend that threw, needs restart() or restore()");
    if (!waiting()) return refuse(errc::bad_call, "feed: the run is finished after ", calls_done(), " evaluations, needs a next() that asks for one");
    const evaluation<>& e = arrays_.plan().call(arrays_.plan().instructions()[at_].tag);
    return detail::check_outputs<Model>(outputs, e.outputs, arrays_.plan().model_outputs(), arrays_.size());
  }

  /// Everything up to the next call, or to the end.
  template <class Watch>
  void run(Watch&& watch) {
    broken_ = true;  // until the next call is reached: what throws on the way leaves arrays half-written
    for (const auto code = arrays_.plan().instructions(); at_ < code.size(); ++at_) {
      const instruction& i = code[at_];
      switch (i.what) {
        case operation::call: broken_ = false; return;
        case operation::combine: arrays_.combine(i, answer_, backend_, noise_); break;
        case operation::filter: limit(i); break;
        case operation::watch: show(i, watch); break;
        case operation::measure: break;  // a run on a grid decides nothing on the way
      }
    }
    broken_ = false;
  }

  void limit(const instruction& i) {
    const std::span<const History> in = arrays_.template slot<History>(arrays_.plan().inputs(i)[0].index);
    filter_(in, arrays_.template slot<History>(arrays_.plan().outputs(i)[0]), filter_call{arrays_.plan().levels(i.tag), arrays_.sample_size()});
  }

  template <class Watch>
  void show(const instruction& i, Watch& watch) {
    const slot s = arrays_.plan().outputs(i)[0];
    const seen what = static_cast<seen>(i.tag);
    if constexpr (!std::same_as<T, History>)
      if (arrays_.plan().role(s) == slot_role::history)
        return void(watch(sight<History>{what, i.point, arrays_.plan().steps(), arrays_.template slot<History>(s)}));
    watch(sight<T>{what, i.point, arrays_.plan().steps(), arrays_.slot(s)});
  }

  arrays arrays_;
  std::array<const Model*, max_outputs> answer_{};
  std::size_t at_ = 0;
  bool broken_ = false, keeps_partner_ = false;
  Noise noise_;
  [[no_unique_address]] Filter filter_;
  [[no_unique_address]] Backend backend_;
};

/// A sampler for these element types, with everything else as usual.
template <elemental State, elemental Model = State, elemental History = default_history<State>>
using sampler_of = sampler<State, philox, no_filter, cpu, History, Model>;

template <method M, class Levels, form_like F, array A>
sampler(const M&, const Levels&, const F&, A&&, const run_options& = {})
    -> sampler<element_of<A>, philox, decltype(as_form(std::declval<F>()).limit)>;
template <method M, class Levels, form_like F, array A, class Noise>
sampler(const M&, const Levels&, const F&, A&&, const run_options&, Noise)
    -> sampler<element_of<A>, Noise, decltype(as_form(std::declval<F>()).limit)>;
template <array A>
sampler(shared_plan, A&&, const run_options& = {}) -> sampler<element_of<A>>;
template <array A, class Noise>
sampler(shared_plan, A&&, const run_options&, Noise) -> sampler<element_of<A>, Noise>;
template <array A, class Noise, class Filter>
sampler(shared_plan, A&&, const run_options&, Noise, Filter) -> sampler<element_of<A>, Noise, Filter>;
template <array A, class Noise, class Filter, class Backend>
sampler(shared_plan, A&&, const run_options&, Noise, Filter, Backend) -> sampler<element_of<A>, Noise, Filter, Backend>;

}  // namespace diffode
