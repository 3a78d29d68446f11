// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/time_shift_sampler.hpp"

#include <cstddef>
#include <utility>

namespace diffode {

/// Push style with time shift: as `sample` on a grid. With a batch the denoiser has to take a level for each sample,
/// net(x, levels, out).
///
/// watch    called with a `sight` of the state at every point of the grid; may return false to stop
/// Returns  what was done; Errors  refuses methods with a second state, windows that let a point of the grid pass its neighbours,
///          samples of one number, and wrong options
template <method M, class Form, class Net, array A, class Noise = philox, class Watch = unwatched>
result<run_report> try_sample(const M& how, const time_shift& where, model<Form, Net> m, A&& x, const run_options& o = {}, Noise noise = {}, Watch watch = {}) {
  using T = element_of<A>;
  using traits = array_traits<std::remove_cvref_t<A>>;
  using X = decltype(traits::view(x, static_cast<const T*>(nullptr)));
  using Out = decltype(traits::view(x, static_cast<T*>(nullptr)));
  const int outputs = m.form.mix.outputs;
  if (const fault f = detail::check_denoiser<Net, T, X, Out>(outputs, o.batch)) return *f;
  auto started = time_shift_sampler<T, M, Form, Noise>::try_make(how, where, std::move(m.form), x, o, std::move(noise));
  if (!started) return *started.reason();
  auto& s = started.value();
  const result<bool> on = detail::answer_all(s, m.net, x, static_cast<std::size_t>(outputs), watch);
  if (!on) return *on.reason();
  run_report done = s.report();
  if (!on.value() && done.outcome == status::waiting) done.outcome = s.stop();
  return done;
}
template <method M, class Form, class Net, array A, class Noise = philox, class Watch = unwatched>
run_report sample(const M& how, const time_shift& where, model<Form, Net> m, A&& x, const run_options& o = {}, Noise noise = {}, Watch watch = {}) {
  return try_sample(how, where, std::move(m), x, o, std::move(noise), std::move(watch)).value();
}

}  // namespace diffode
