// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/search/fit_coefficients.hpp"
#include "diffode/search/refine_table.hpp"
#include "diffode/search/teacher_course.hpp"
#include "diffode/search/tune_times.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// ridges  of the fit that are tried in place of fit.ridge; what serves samples best that it was not fitted to is taken
/// begin   tables that all numbers descend from too, besides the fitted one: of a method, or of a searched schedule (table_of)
struct tune_options {
  std::vector<double> ridges{1e-8, 1e-5, 1e-3};
  fit_options fit{};
  time_search_options times{};
  refine_options refine{};
  std::vector<coefficient_table> begin{};
};

/// What a tuned plan is, and how it came to be: errors on the samples that nothing was fitted to, after each stage.
///
/// table    to be run like any method, on from_times(path, table.times)
/// fitted   after the coefficients were fitted on the best of the given grids
/// timed    after times were moved, coefficients fitted anew for each
/// refined  after all numbers descended together; what did not help is not taken
struct tuned {
  coefficient_table table;
  double fitted = 0, timed = 0, refined = 0;
};

/// Where tuning is. Whoever keeps it can go on from it, and ends with the plan of an undisturbed one.
///
/// fitted    errors of the fits on the given grids, of as many as are done; infinite where there is no fit
/// times     of the search over times
/// descended how many tables have descended to their end      refine  of the one that descends now
/// best      of all that these have passed, and its error
struct tune_state {
  std::vector<double> fitted{};
  time_search_state times{};
  std::size_t descended = 0;
  refine_state refine{};
  std::optional<coefficient_table> best{};
  double refined = 0;
};

namespace detail {

/// Where a table's run ends; nothing where it can not be run.
template <class Form, class Net, class T>
std::vector<T> ends_of(const coefficient_table& table, const noise_path& path, const model<Form, Net>& m, std::span<const T> starts, std::size_t batch) {
  const result<grid> g = try_from_times(path, table.times);
  std::vector<T> x(starts.begin(), starts.end());
  if (!g || !try_sample(table, g.value(), m, x, {.batch = batch})) return {};
  return x;
}

template <class T>
std::vector<double> residuals_of(const std::vector<T>& x, std::span<const T> wanted) {
  std::vector<double> r;
  r.reserve(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) r.push_back(static_cast<double>(x[i]) - static_cast<double>(wanted[i]));
  return r;
}

/// A model, where its fine runs go, and how far few-step runs are from there.
template <class Form, class Net, class T>
struct tuning {
  const model<Form, Net>& m;
  const teacher_course<T>&fitted_to, &held_out;
  const tune_options& o;

  const noise_path& path() const { return fitted_to.levels().path(); }
  double error(const coefficient_table& table, const teacher_course<T>& on) const {
    return std::sqrt(mean_square(residuals_of<T>(ends_of<Form, Net, T>(table, path(), m, on.starts(), on.batch()), on.ends())));
  }
  /// The table that is fitted on a grid, with the ridge that serves the held-out samples best, and its error on those.
  std::pair<std::optional<coefficient_table>, double> fit(const grid& g) const {
    std::pair<std::optional<coefficient_table>, double> best{std::nullopt, std::numeric_limits<double>::infinity()};
    const result<std::vector<T>> wanted = fitted_to.try_along(g);
    if (!wanted) return best;
    for (const double ridge : o.ridges) {
      std::vector<T> x(fitted_to.starts().begin(), fitted_to.starts().end());
      fit_options how = o.fit;
      how.ridge = ridge;
      result<coefficient_table> table = try_fit_coefficients(g, m, x, std::span<const T>(wanted.value()), how, fitted_to.batch());
      if (!table) continue;
      const double off = error(table.value(), held_out);
      if (off < best.second) best = {std::move(table).value(), off};
    }
    return best;
  }
};

template <class T>
fault check_tune(std::span<const grid> from, const teacher_course<T>& fitted_to, const teacher_course<T>& held_out, const tune_options& o) {
  if (from.empty()) return refuse(errc::bad_call, "tune: number of grids is 0, needs at least 1 to begin with");
  if (o.ridges.empty()) return refuse(errc::bad_call, "tune: number of ridges is 0, needs at least 1");
  for (const coefficient_table& t : o.begin)
    if (const fault f = check_refine(t, o.refine)) return f;
  const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-6 * (1 + std::abs(b)); };
  const grid& fine = fitted_to.levels();
  for (std::size_t k = 0; k < from.size(); ++k) {
    const grid& g = from[k];
    if (!close(g.front().lambda, fine.front().lambda) || !close(g.back().lambda, fine.back().lambda))
      return refuse(errc::bad_grid, "tune: grid ", k, " has lambda ", g.front().lambda, " to ", g.back().lambda, ", needs ", fine.front().lambda, " to ", fine.back().lambda, ", the teacher's");
  }
  if (!close(held_out.levels().front().lambda, fine.front().lambda) || !close(held_out.levels().back().lambda, fine.back().lambda))
    return refuse(errc::bad_grid, "tune: held_out has lambda ", held_out.levels().front().lambda, " to ", held_out.levels().back().lambda, ", needs ", fine.front().lambda, " to ", fine.back().lambda, ", as fitted_to");
  return {};
}

}  // namespace detail

/// Tunes a few-step plan to a model, without its gradients: coefficients by least squares, times by a search in which each
/// grid has its own coefficients, then all numbers together towards the teacher's ends.
///
/// from        grids to begin with, all from and to the teacher's ends; the best after fitting is taken
/// fitted_to   a fine run of `m` from some dozens of samples; `held_out` one from others, by which every choice is made
/// m           its function is copied for each run: let it refer to what is large
/// known       where an earlier call with the same arguments was when it was broken off, or nothing; the result is that of one call
/// progress    progress(const tune_state&) -> bool after each fit of a given grid, each level of the search over times, and each
///             iteration of a descent; false to stop where it is. A model that throws ends the call at once
/// Source      the pieces say theirs; alternating between coefficients and times is S4S-Alt's plan, arXiv:2502.17423
/// Errors      refuses no grids, grids with other ends, a state of another call, and what the pieces refuse
template <class Form, class Net, class T, class Progress>
result<tuned> try_tune(std::span<const grid> from, const model<Form, Net>& m, const teacher_course<T>& fitted_to, const teacher_course<T>& held_out,
                       const tune_options& o, tune_state known, Progress&& progress) {
  using detail::refuse;
  if (const fault f = detail::check_tune(from, fitted_to, held_out, o)) return *f;
  const detail::tuning<Form, Net, T> task{m, fitted_to, held_out, o};
  tune_state now = std::move(known);
  if (now.fitted.size() > from.size()) return refuse(errc::bad_call, "tune: state has errors of ", now.fitted.size(), " fits, needs at most ", from.size(), ", one for each grid");
  if (now.descended > 1 + o.begin.size())
    return refuse(errc::bad_call, "tune: descended of the state is ", now.descended, ", needs at most ", 1 + o.begin.size(), ", the fitted table and those to begin with");
  bool on = true;
  while (on && now.fitted.size() < from.size()) {
    now.fitted.push_back(task.fit(from[now.fitted.size()]).second);
    on = progress(std::as_const(now));
  }
  const std::size_t first = static_cast<std::size_t>(std::min_element(now.fitted.begin(), now.fitted.end()) - now.fitted.begin());
  tuned all;
  if (auto [table, off] = task.fit(from[first]); table && std::isfinite(off)) all.table = std::move(*table), all.fitted = all.timed = off;
  else return refuse(errc::bad_model, "tune: none of the grids has a fit with a finite error, needs a model whose answers are finite");

  if (on && from[first].steps() > 1) {
    const auto watch = [&](const time_search_state& s) { return now.times = s, on = progress(std::as_const(now)); };
    const auto moved = try_tune_times(from[first], [&](const grid& g) { return task.fit(g).second; }, o.times, now.times, watch);
    if (!moved) return *moved.reason();
    if (auto [table, off] = task.fit(moved.value().first); off < all.timed) all.table = std::move(*table), all.timed = off;
  }

  const auto residuals = [&](const coefficient_table& t) {
    return detail::residuals_of<T>(detail::ends_of<Form, Net, T>(t, task.path(), m, fitted_to.starts(), fitted_to.batch()), fitted_to.ends());
  };
  std::vector<coefficient_table> begin{all.table};
  begin.insert(begin.end(), o.begin.begin(), o.begin.end());
  if (!now.best) now.best = all.table, now.refined = all.timed;
  const auto take_if_better = [&](const coefficient_table& t) {
    if (const double off = task.error(t, held_out); off < now.refined) now.best = t, now.refined = off;
  };
  const auto watch = [&](const refine_progress& p) {
    take_if_better(p.table);
    now.refine = p.state;
    return on = progress(std::as_const(now));
  };
  for (; on && now.descended < begin.size(); ++now.descended, now.refine = {}) {
    if (now.refine.numbers.empty()) take_if_better(begin[now.descended]);  // it may be better than all that it leads to
    const result<coefficient_table> done = try_refine_table(begin[now.descended], task.path(), residuals, o.refine, now.refine, watch);
    if (!done) return *done.reason();
    if (!on) break;
  }
  all.table = std::move(*now.best), all.refined = now.refined;
  return all;
}

}  // namespace diffode
