// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/reference.hpp"
#include "diffode/method/coefficient_table.hpp"
#include "diffode/model/parameterisation.hpp"
#include "diffode/run/sampler.hpp"

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// The coefficients of a method on a grid, as a table that can be changed: compensated, tuned, stored in a file.
///
/// how      a deterministic method with one evaluation per step, made on the state that the step before reached
/// target   which prediction the rows combine
/// Returns  rows that give the run its states, corrected ones before correction, which the next row contains
/// Source   a run with frozen answers of the model is linear: unit vectors for the start and for each answer show what it
///          makes of them
/// Error    of a coefficient, some roundings of the two numbers that it is the difference of; weights below 1e-13 of these are
///          taken for 0
/// Errors   as `compile`; refuses methods that draw noise, carry a second state, evaluate otherwise, or lose the state before
///          their last step
template <method M>
result<coefficient_table> try_table_of(const M& how, const grid& g, prediction target = prediction::x0) {
  using detail::refuse;
  using row = std::vector<double>;
  const compile_options watching{.watch_predicted = true};
  result<plan> compiled = target == prediction::x0 ? try_compile(how, g, x0_model{}, watching) : try_compile(how, g, eps_model{}, watching);
  if (!compiled) return *compiled.reason();
  const plan made = std::move(compiled).value();
  const std::size_t steps = g.steps(), size = steps + 1;
  const auto unfit = [&](std::string_view why) { return refuse(errc::bad_method, "table_of: ", made.method(), why, ", needs a deterministic method with one evaluation per step, on the state"); };
  if (made.draws_noise()) return unfit(" draws noise");
  if (made.paired()) return unfit(" carries a second state");
  if (made.calls() != static_cast<int>(steps)) return unfit(std::string_view(detail::text(" makes ", made.calls(), " evaluations in ", steps, " steps")));

  std::vector<row> state{row(size)};
  state[0][0] = 1;
  row x = state[0];
  result<sampler<double, philox, no_filter, reference>> started = sampler<double, philox, no_filter, reference>::try_make(shared_plan(made), x);
  if (!started) return *started.reason();
  auto& run = started.value();
  while (const auto call = run.next()) {
    const std::size_t k = static_cast<std::size_t>(call->index);
    if (call->step != call->index || row(call->x.begin(), call->x.end()) != state[k]) return unfit(" evaluates elsewhere");
    row answer(size);
    answer[k + 1] = 1;
    const auto keep = [&](const sight<double>& now) { state.emplace_back(now.x.begin(), now.x.end()); };
    if (const fault f = run.try_feed(answer, keep)) return *f;
  }

  coefficient_table table{.target = target};
  for (const level<>& l : g) table.times.push_back(l.t);
  for (std::size_t n = 0; n < steps; ++n) {
    if (state[n][0] == 0) return unfit(" forgets the start");
    coefficient_row found{.a = state[n + 1][0] / state[n][0]};
    for (std::size_t j = 0; j <= n; ++j) {
      const double after = state[n + 1][1 + n - j], before = found.a * state[n][1 + n - j], b = after - before;
      found.b.push_back(std::abs(b) <= 1e-13 * (std::abs(after) + std::abs(before)) ? 0 : b);
    }
    while (found.b.size() > 1 && found.b.back() == 0) found.b.pop_back();
    table.rows.push_back(std::move(found));
  }
  return table;
}
template <method M>
coefficient_table table_of(const M& how, const grid& g, prediction target = prediction::x0) {
  return try_table_of(how, g, target).value();
}

}  // namespace diffode
