// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"
#include "diffode/grid/picked.hpp"
#include "diffode/run/sample.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// steps        of the grid that is looked for
/// coefficient  weight of what comes later: above 1 the late errors count more, and steps move towards the end
struct gits_options {
  int steps = 10;
  double coefficient = 1.15;
};

namespace detail {

inline fault check_gits(int points, const gits_options& o) {
  if (points < 2) return refuse(errc::bad_grid, "gits_search: number of points is ", points, ", needs at least 2");
  if (o.steps < 1 || o.steps >= points) return refuse(errc::bad_grid, "gits_search: steps is ", o.steps, ", needs 1 to ", points - 1, ", the steps of the fine grid");
  if (!(o.coefficient > 0 && std::isfinite(o.coefficient))) return refuse(errc::bad_grid, "gits_search: coefficient is ", o.coefficient, ", needs a finite number above 0");
  return {};
}

}  // namespace detail

/// Which points of a fine grid make the best run of `steps` long steps.
///
/// cost         cost(i, j) of going from point i to point j > i in one step, row after row, points x points
/// Returns      steps + 1 indices, from 0 to points - 1, with the least
///              V(i, k) = min_j cost(i, j) + coefficient V(j, k - 1),   V(i, 1) = cost(i, points - 1)
/// Source       Chen et al. 2024, arXiv:2405.11326, section 4.2: dynamic programming over geometry-inspired costs
/// Errors       refuses a table that is not points x points, costs that are no numbers from 0, steps outside 1 to
///              points - 1, a coefficient that is not above 0, and costs whose least total is not finite
inline result<std::vector<int>> try_cheapest_points(std::span<const double> cost, int points, const gits_options& o) {
  using detail::refuse;
  if (const fault f = detail::check_gits(points, o)) return *f;
  const std::size_t n = static_cast<std::size_t>(points);
  if (cost.size() != n * n) return refuse(errc::bad_shape, "gits_search: number of costs is ", cost.size(), ", needs ", n * n, " (points x points)");
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j)
      if (!(cost[i * n + j] >= 0 && std::isfinite(cost[i * n + j])))
        return refuse(errc::bad_grid, "gits_search: cost from point ", i, " to point ", j, " is ", cost[i * n + j], ", needs a finite number from 0");

  const std::size_t steps = static_cast<std::size_t>(o.steps);
  constexpr double never = std::numeric_limits<double>::infinity();
  std::vector<double> best(n * (steps + 1), never);  // best[i * (steps + 1) + k]: from point i in k steps
  std::vector<std::size_t> next(best.size());
  const auto at = [&](std::size_t i, std::size_t k) { return i * (steps + 1) + k; };
  for (std::size_t i = 0; i + 1 < n; ++i) best[at(i, 1)] = cost[i * n + n - 1], next[at(i, 1)] = n - 1;
  for (std::size_t k = 2; k <= steps; ++k)
    for (std::size_t i = 0; i + k < n; ++i)
      for (std::size_t j = i + 1; j + k - 1 < n; ++j) {
        const double total = cost[i * n + j] + o.coefficient * best[at(j, k - 1)];
        if (total < best[at(i, k)]) best[at(i, k)] = total, next[at(i, k)] = j;
      }
  if (!std::isfinite(best[at(0, steps)]))
    return refuse(errc::bad_grid, "gits_search: least total of the costs is ", best[at(0, steps)], ", with coefficient ", o.coefficient,
                  ", needs a finite number: smaller costs or a smaller coefficient");
  std::vector<int> points_taken{0};
  for (std::size_t i = 0, k = steps; k > 0; --k) points_taken.push_back(static_cast<int>(i = next[at(i, k)]));
  return points_taken;
}

namespace detail {

/// States and predicted x0 of a fine run, point after point; each array is the whole batch.
template <class T>
struct teacher_run {
  std::vector<std::vector<T>> state, x0;

  void operator()(const sight<T>& now) {
    (now.what == seen::state ? state : x0).emplace_back(now.x.begin(), now.x.end());
  }
};

/// Mean over the samples of |one first-order step from i to j - the teacher's state at j| / alpha_j, Euclidean norm.
template <class T>
double jump_cost(const teacher_run<T>& teacher, const grid& fine, std::size_t i, std::size_t j, std::size_t batch) {
  const exponential_step<double> e = exponential(prediction::x0, fine[i], fine[j]);
  const std::vector<T>&x = teacher.state[i], &m = teacher.x0[i], &there = teacher.state[j];
  const std::size_t size = x.size() / batch;
  double sum = 0;
  for (std::size_t b = 0; b < batch; ++b) {
    double square = 0;
    for (std::size_t k = b * size; k < (b + 1) * size; ++k) {
      const double off = e.A * static_cast<double>(x[k]) + e.first * static_cast<double>(m[k]) - static_cast<double>(there[k]);
      square += off * off;
    }
    sum += std::sqrt(square) / fine[j].alpha;
  }
  return sum / static_cast<double>(batch);
}

}  // namespace detail

/// GITS on the user's own model: runs a fine grid once, prices every long first-order step by how far it leaves that run,
/// and picks the steps whose prices add up to the least.
///
/// teacher      the method of the fine run, one evaluation per step (dpmpp_2m, unipc, ddim, ...)
/// fine         its grid, from noise to data; the result is a choice of its points
/// x            o.batch start states; holds the fine run's samples afterwards. A few dozen samples are enough
/// Memory       2 arrays of the state's size for each point of the fine grid, while it runs
/// Source       Chen et al. 2024, arXiv:2405.11326
/// Errors       as `sample`; refuses a grid that goes towards noise, a teacher with several evaluations per step or one that
///              draws noise, a plan part of the options, and options as try_cheapest_points; all but the costs before x changes
template <method M, class Form, class Net, array A>
result<grid> try_gits_search(const M& teacher, const grid& fine, model<Form, Net> m, A&& x, const gits_options& o = {}, const run_options& how = {}) {
  using T = element_of<A>;
  using detail::refuse;
  if (!fine.denoises()) return refuse(errc::bad_grid, "gits_search: lambda of the fine grid goes from ", fine.front().lambda, " to ", fine.back().lambda, ", needs to rise, from noise to data");
  const std::size_t points = fine.size(), batch = how.batch;
  if (const fault f = detail::check_gits(static_cast<int>(points), o)) return *f;
  if (how.plan != compile_options{}) return refuse(errc::bad_call, "gits_search: options have a plan part, needs none: the fine run is planned here");
  result<plan> made = try_compile(teacher, fine, m.form, {.watch_state = true, .watch_denoised = true});
  if (!made) return *made.reason();
  if (made.value().draws_noise())
    return refuse(errc::bad_method, "gits_search: ", teacher.name, " draws noise, needs a teacher that draws none (eta = 0): its run would be another each time");
  bool one_each = made.value().calls() + 1 == static_cast<int>(points);
  for (int k = 0; one_each && k < made.value().calls(); ++k) one_each = made.value().call(k).step == k;
  if (!one_each)
    return refuse(errc::bad_method, "gits_search: ", teacher.name, " evaluates ", made.value().calls(), " times in ", points - 1, " steps, needs a method with one evaluation per step");

  detail::teacher_run<T> seen_states;
  const T* data = array_traits<std::remove_cvref_t<A>>::data(x);
  seen_states.state.emplace_back(data, data + array_traits<std::remove_cvref_t<A>>::size(x));
  const result<run_report> done = try_sample(shared_plan(std::move(made).value()), std::move(m), x, how, philox{}, [&](const sight<T>& now) { seen_states(now); });
  if (!done) return *done.reason();
  std::vector<double> cost(points * points);
  for (std::size_t i = 0; i < points; ++i)
    for (std::size_t j = i + 1; j < points; ++j) cost[i * points + j] = detail::jump_cost(seen_states, fine, i, j, batch);
  const result<std::vector<int>> chosen = try_cheapest_points(cost, static_cast<int>(points), o);
  if (!chosen) return *chosen.reason();
  return try_picked(fine, chosen.value());
}

template <method M, class Form, class Net, array A>
grid gits_search(const M& teacher, const grid& fine, model<Form, Net> m, A&& x, const gits_options& o = {}, const run_options& how = {}) {
  return try_gits_search(teacher, fine, std::move(m), x, o, how).value();
}

}  // namespace diffode
