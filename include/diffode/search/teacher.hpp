// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/table.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/run/sample.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// The grid with every step cut into `parts`, equal in lambda, or in time where an end of the step has no finite lambda.
/// Errors  refuses parts below 1, and what grid::make refuses
inline result<grid> try_refined(const grid& g, int parts) {
  if (parts < 1 || parts > most_steps) return detail::refuse(errc::bad_grid, "refined: parts is ", parts, ", needs 1 to ", most_steps);
  std::vector<level<>> levels;
  for (std::size_t i = 0; i + 1 < g.size(); ++i) {
    const level<>&s = g[i], &t = g[i + 1];
    const bool finite = std::isfinite(s.lambda) && std::isfinite(t.lambda);
    levels.push_back(s);
    for (int k = 1; k < parts; ++k) {
      const double share = static_cast<double>(k) / parts;
      levels.push_back(finite ? g.path().at_lambda(s.lambda + share * (t.lambda - s.lambda)) : g.path().at(s.t + share * (t.t - s.t)));
    }
  }
  levels.push_back(g.back());
  return grid::make("refined", g.path(), std::move(levels));
}
inline grid refined(const grid& g, int parts) { return try_refined(g, parts).value(); }

/// Where a fine run passes at the levels of a coarse grid: what few-step samplers are fitted to.
///
/// teacher   the method of the fine run; deterministic
/// parts     of every step of `g`
/// x         o.batch start states
/// Returns   g.steps() arrays of x's size, one after another: the states at levels 1, 2, ... of g
/// Memory    these
/// Errors    as `sample`; refuses a teacher that draws noise, and a plan part of the options
template <method M, class Form, class Net, array A>
auto try_teacher_states(const M& teacher, const grid& g, int parts, model<Form, Net> m, const A& x, const run_options& o = {}) -> result<std::vector<element_of<A>>> {
  using T = element_of<A>;
  using traits = array_traits<std::remove_cvref_t<A>>;
  if (o.plan != compile_options{}) return detail::refuse(errc::bad_call, "teacher_states: options have a plan part, needs none: the fine run is planned here");
  const result<grid> fine = try_refined(g, parts);
  if (!fine) return *fine.reason();
  result<plan> made = try_compile(teacher, fine.value(), m.form, {.watch_state = true});
  if (!made) return *made.reason();
  if (made.value().draws_noise()) return detail::refuse(errc::bad_method, "teacher_states: ", teacher.name, " draws noise, needs a deterministic teacher");
  const T* const data = traits::data(x);
  std::vector<T> state(data, data + traits::size(x)), passed;
  const auto keep = [&](const sight<T>& now) {
    if (now.point % parts == 0) passed.insert(passed.end(), now.x.begin(), now.x.end());
  };
  const result<run_report> done = try_sample(shared_plan(std::move(made).value()), std::move(m), state, o, philox{}, keep);
  if (!done) return *done.reason();
  return passed;
}
template <method M, class Form, class Net, array A>
auto teacher_states(const M& teacher, const grid& g, int parts, model<Form, Net> m, const A& x, const run_options& o = {}) {
  return try_teacher_states(teacher, g, parts, std::move(m), x, o).value();
}

namespace detail {

/// The model's x0 at x, as a run sees it: guidance, conversion and filter included. By a step of first order from s to t.
template <class Form, class Net, class T>
result<std::vector<T>> denoised(const noise_path& path, const level<>& s, const level<>& t, model<Form, Net> m, std::vector<T> x, std::size_t batch) {
  const level<> ends[] = {s, t};
  const result<grid> step = try_from_levels(path, ends, repeats::allowed);
  if (!step) return *step.reason();
  const run_options watching{.batch = batch, .plan = {.watch_denoised = true}};
  std::vector<T> found;
  const auto keep = [&](const sight<T>& now) { found.assign(now.x.begin(), now.x.end()); };
  const result<run_report> done = try_sample(ddim{}, step.value(), std::move(m), x, watching, philox{}, keep);
  if (!done) return *done.reason();
  return found;
}

}  // namespace detail

}  // namespace diffode
