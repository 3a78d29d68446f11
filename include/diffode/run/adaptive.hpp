// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/adaptive_sampler.hpp"
#include "diffode/run/sample.hpp"

#include <cstddef>
#include <utility>

namespace diffode {

/// Push style with adaptive control: as `sample` on a grid.
///
/// Returns  what was done; `finished`, or `exhausted` or `stuck` with the state at the last accepted level
/// Errors   refuses methods that remember evaluations, draw noise, have a second state or no estimate, and wrong options
template <method M, class Form, class Net, array A, class Watch = unwatched>
result<run_report> try_sample(const M& how, const adaptive& where, model<Form, Net> m, A&& x, const run_options& o = {}, Watch watch = {}) {
  using T = element_of<A>;
  using traits = array_traits<std::remove_cvref_t<A>>;
  static_assert(denoiser<Net, T, decltype(traits::view(x, static_cast<const T*>(nullptr))), decltype(traits::view(x, static_cast<T*>(nullptr)))>,
                "the denoiser must be callable as net(x, at, out), net(x, at, out, which), net(x, levels, out) or net(call, outs); see concept/denoiser.hpp");
  const std::size_t outputs = static_cast<std::size_t>(m.form.mix.outputs);
  auto started = adaptive_sampler<T, M, Form>::try_make(how, where, std::move(m.form), x, o);
  if (!started) return *started.reason();
  auto& s = started.value();
  const result<bool> on = detail::answer_all(s, m.net, x, outputs, watch);
  if (!on) return *on.reason();
  run_report done = s.report();
  if (!on.value() && done.outcome == status::waiting) done.outcome = s.stop();
  return done;
}
template <method M, class Form, class Net, array A, class Watch = unwatched>
run_report sample(const M& how, const adaptive& where, model<Form, Net> m, A&& x, const run_options& o = {}, Watch watch = {}) {
  return try_sample(how, where, std::move(m), x, o, std::move(watch)).value();
}

}  // namespace diffode
