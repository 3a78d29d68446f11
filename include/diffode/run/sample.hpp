// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/denoiser.hpp"
#include "diffode/run/sampler.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

namespace detail {

/// Whether the levels of all lanes go to the denoiser. One that takes a single level is not even asked: a generic
/// lambda would be compiled for a span of levels, and its body fail.
template <class Net, class X, class Out>
concept takes_lanes = !one_output<Net, X, Out> && lane_levels<Net, X, Out>;

/// Nothing, or why this denoiser can not answer what a run asks that wants so many outputs in so many lanes.
template <class Net, class T, class X, class Out>
fault check_denoiser(int outputs, std::size_t lanes) {
  if (whole_request<Net, T>) return {};
  if (outputs > 1 && !numbered_output<Net, X, Out>)
    return refuse(errc::bad_model, "sample: guidance has ", outputs, " outputs, needs a denoiser net(x, at, out, which) or net(call, outs)");
  if (lanes > 1 && !takes_lanes<Net, X, Out>)
    return refuse(errc::bad_model, "sample: number of lanes is ", lanes, ", needs a denoiser net(x, levels, out) or net(call, outs)");
  return {};
}

/// One evaluation, in whichever form the denoiser takes it.
template <class Net, class A, class T>
void ask(Net& net, const A& like, const request<T>& call, std::span<const std::span<T>> outs) {
  using traits = array_traits<std::remove_cvref_t<A>>;
  using X = decltype(traits::view(like, call.x.data()));
  using Out = decltype(traits::view(like, outs[0].data()));
  static_assert(denoiser<Net, T, X, Out>, "the denoiser must be callable as net(x, at, out), net(x, at, out, which), net(x, levels, out) or net(call, outs); see concept/denoiser.hpp");
  if constexpr (whole_request<Net, T>) net(call, outs);
  else if constexpr (numbered_output<Net, X, Out>) {
    for (std::size_t k = 0; k < outs.size(); ++k)
      if (!outs[k].empty()) net(traits::view(like, call.x.data()), call.at, traits::view(like, outs[k].data()), static_cast<int>(k));
  } else if constexpr (takes_lanes<Net, X, Out>) net(traits::view(like, call.x.data()), call.levels, traits::view(like, outs[0].data()));
  else net(traits::view(like, call.x.data()), call.at, traits::view(like, outs[0].data()));
}

/// Calls the user's watcher; one that returns a bool ends the run with false.
template <class Watch, class T>
bool goes_on(Watch& watch, const sight<T>& seen_now) {
  static_assert(std::invocable<Watch&, const sight<T>&>, "diffode: the watcher must take a sight of every element type of the run, the state's and the history's: let it take `const auto&`");
  if constexpr (std::same_as<std::invoke_result_t<Watch&, const sight<T>&>, bool>) return watch(seen_now);
  else return watch(seen_now), true;
}

/// Answers every evaluation that a run asks for, until it asks for none or the watcher said enough; says whether the
/// watcher wants more.
template <class Run, class Net, class A, class Watch>
result<bool> answer_all(Run& s, Net& net, A&& x, std::size_t outputs, Watch& watch) {
  using T = element_of<A>;
  const std::size_t n = array_traits<std::remove_cvref_t<A>>::size(x);
  std::vector<T> answers(n * outputs);
  std::array<std::span<T>, max_outputs> outs;
  std::array<std::span<const T>, max_outputs> given;
  bool on = true;
  while (const auto call = s.next()) {
    for (std::size_t k = 0; k < outputs; ++k)
      given[k] = outs[k] = call->wants(static_cast<int>(k)) ? std::span<T>(answers).subspan(k * n, n) : std::span<T>();
    ask(net, x, *call, std::span<const std::span<T>>(outs.data(), outputs));
    const auto look = [&](const auto& now) { on = goes_on(watch, now) && on; };
    if (const fault f = s.try_feed(std::span<const std::span<const T>>(given.data(), outputs), look)) return *f;
    if (!on) return false;
  }
  return true;
}

}  // namespace detail

/// Push style: runs to the end, calling the model's function for every evaluation.
///
/// x        the state at levels.front() going in (noise times its sigma, or a noised image), the sample coming out
/// watch    called with a `sight` of what o.plan asks to see (the state, if it asks for nothing); may return false to stop
/// Returns  what was done; Errors as `compile` and `sampler`, and a denoiser of the wrong form for guidance or lanes
template <method M, class Levels, class Form, class Net, array A, class Noise = philox, class Watch = unwatched>
result<run_report> try_sample(const M& how, const Levels& levels, model<Form, Net> m, A&& x, run_options o = {}, Noise noise = {}, Watch watch = {}) {
  if constexpr (!std::same_as<Watch, unwatched>)
    if (!o.plan.watch_state && !o.plan.watch_predicted && !o.plan.watch_denoised) o.plan.watch_state = true;
  result<plan> made = try_compile(how, levels, m.form, workspace<element_of<A>, default_history<element_of<A>>>::planned(o.plan));
  if (!made) return *made.reason();
  o.plan = {};  // it is in the plan now
  return try_sample(shared_plan(std::move(made).value()), std::move(m), x, o, std::move(noise), std::move(watch));
}

/// The same with a plan that was made before.
/// Errors  refuses a model that means something else than the one the plan was made for
template <class Form, class Net, array A, class Noise = philox, class Watch = unwatched>
result<run_report> try_sample(const shared_plan& made, model<Form, Net> m, A&& x, const run_options& o = {}, Noise noise = {}, Watch watch = {}) {
  using T = element_of<A>;
  using traits = array_traits<std::remove_cvref_t<A>>;
  using X = decltype(traits::view(x, static_cast<const T*>(nullptr)));
  using Out = decltype(traits::view(x, static_cast<T*>(nullptr)));
  if (detail::mark_of(m.form, *made) != made->model())
    return detail::refuse(errc::bad_model, "sample: model means something else (parameterisation, guidance or filter), needs the one that the plan of ", made->method(), " was made for");
  if (!std::same_as<Watch, unwatched> && made->watches() == 0)
    return detail::refuse(errc::bad_call, "sample: watch has nothing to see, needs a plan that was compiled with watch_state, watch_predicted or watch_denoised");
  if (const fault f = detail::check_denoiser<Net, T, X, Out>(made->model_outputs(), made->lanes().count)) return *f;
  using run = sampler<T, Noise, decltype(m.form.limit)>;
  result<run> started = run::try_make(made, x, o, std::move(noise), std::move(m.form.limit));
  if (!started) return *started.reason();
  run& s = started.value();
  if (const result<bool> on = detail::answer_all(s, m.net, x, static_cast<std::size_t>(made->model_outputs()), watch); !on) return *on.reason();
  else if (!on.value() && !s.finished()) return run_report{status::stopped, s.report().steps, s.report().calls};
  return s.report();
}

template <method M, class Levels, class Form, class Net, array A, class Noise = philox, class Watch = unwatched>
run_report sample(const M& how, const Levels& levels, model<Form, Net> m, A&& x, run_options o = {}, Noise noise = {}, Watch watch = {}) {
  return try_sample(how, levels, std::move(m), x, o, std::move(noise), std::move(watch)).value();
}
template <class Form, class Net, array A, class Noise = philox, class Watch = unwatched>
run_report sample(const shared_plan& made, model<Form, Net> m, A&& x, const run_options& o = {}, Noise noise = {}, Watch watch = {}) {
  return try_sample(made, std::move(m), x, o, std::move(noise), std::move(watch)).value();
}

}  // namespace diffode
