// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/search/dice.hpp"
#include "diffode/search/gits_search.hpp"
#include "diffode/search/teacher.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// steps  of the grid that is looked for
/// seed   of the noise on the data
struct ays_options {
  int steps = 10;
  std::uint64_t seed = 0;
};

namespace detail {

inline fault check_ays(std::size_t points, const ays_options& o) {
  if (points < 2) return refuse(errc::bad_grid, "ays_search: number of fine levels is ", points, ", needs at least 2");
  if (o.steps < 1 || static_cast<std::size_t>(o.steps) >= points)
    return refuse(errc::bad_grid, "ays_search: steps is ", o.steps, ", needs 1 to ", points - 1, ", the steps of the fine grid");
  return {};
}

/// Costs of all steps between levels with these rho = sigma/alpha, falling: from i to j the integral of
/// rho^-3 squared(i, k) over rho, by the trapezoidal rule in log rho.
template <class Squared>
result<std::vector<double>> try_klub_costs(std::span<const double> rho, Squared squared) {
  const std::size_t n = rho.size();
  std::vector<double> cost(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0, before = 0;  // the prediction at the start is the one that the step uses
    for (std::size_t j = i + 1; j < n; ++j) {
      const double square = squared(i, j), here = square / (rho[j] * rho[j]);
      sum += 0.5 * (before + here) * std::log(rho[j - 1] / rho[j]);
      if (!(square >= 0 && std::isfinite(sum)))
        return refuse(errc::bad_model, "ays_search: squared difference of what is predicted at levels ", i, " and ", j, " is ", square,
                      ", needs a number from 0, finite over (sigma/alpha)^2 too");
      before = here;
      cost[i * n + j] = sum;
    }
  }
  return cost;
}

}  // namespace detail

/// The points of a fine grid that a run of `o.steps` steps should visit, so that an upper bound of the divergence between what a
/// first-order stochastic run makes and the data is least.
///
/// rho      sigma/alpha of the fine levels, falling, above 0
/// squared  squared(i, k): mean over data and noise of |D_k - D_i|^2, D the predicted x0 at the fine levels, of one noising path
/// Returns  o.steps + 1 indices, from 0 to the last
/// Source   Sabour et al. 2024, arXiv:2404.14507 (Align Your Steps): the bound is sum_i int t^-3 E |D(x_t, t) - D(x_ti, t_i)|^2 dt.
///          They descend coordinate by coordinate; over a fine grid the sum is one of costs of single steps, and its least value
///          is found by dynamic programming, as in gits_search
/// Errors   refuses rho that do not fall or are not above 0, steps outside 1 to their number less 1, and squares that are not finite
template <class Squared>
result<std::vector<int>> try_ays_points(std::span<const double> rho, Squared squared, const ays_options& o) {
  if (const fault f = detail::check_ays(rho.size(), o)) return *f;
  for (std::size_t i = 0; i < rho.size(); ++i)
    if (!(rho[i] > 0 && std::isfinite(rho[i]) && (i == 0 || rho[i] < rho[i - 1])))
      return detail::refuse(errc::bad_grid, "ays_search: sigma/alpha of level ", i, " is ", rho[i], ", needs finite numbers above 0 that fall");
  const result<std::vector<double>> costs = detail::try_klub_costs(rho, squared);
  if (!costs) return *costs.reason();
  return try_cheapest_points(costs.value(), static_cast<int>(rho.size()), {.steps = o.steps, .coefficient = 1});
}

/// Align Your Steps on the user's own model and data.
///
/// fine         the levels to choose from, from noise to data: a few dozen, with finite lambda
/// data         `batch` clean samples; some hundred are enough
/// Evaluations  one for each fine level, on all samples          Memory  one array of data's size for each fine level
/// Differs      from gits_search: this is for stochastic runs, which it bounds; deterministic ones may like other times better
/// Errors       as try_ays_points and `sample`
template <class Form, class Net, array A>
result<grid> try_ays_search(const grid& fine, const model<Form, Net>& m, const A& data, const ays_options& o = {}, std::size_t batch = 1) {
  using T = element_of<A>;
  using traits = array_traits<std::remove_cvref_t<A>>;
  const std::size_t n = fine.size(), size = traits::size(data);
  if (batch == 0 || size == 0 || size % batch != 0) return detail::refuse(errc::bad_shape, "ays_search: data has ", size, " numbers, needs a multiple of batch, ", batch, ", above 0");
  if (const fault f = detail::check_ays(n, o)) return *f;
  std::vector<double> rhos;
  for (const level<>& l : fine) rhos.push_back(rho(l));
  // One path of noise for each number, from the data outwards.
  std::vector<double> path(traits::data(data), traits::data(data) + size);
  std::vector<std::vector<T>> x0(n);
  for (std::size_t k = n; k-- > 0;) {
    const double added = std::sqrt(k + 1 == n ? rhos[k] * rhos[k] : (rhos[k] - rhos[k + 1]) * (rhos[k] + rhos[k + 1]));
    dice noise(o.seed, k);
    std::vector<T> x(size);
    for (std::size_t i = 0; i < size; ++i) {
      path[i] += added * noise.normal();
      x[i] = static_cast<T>(fine[k].alpha * path[i]);
    }
    const std::size_t next = k + 1 == n ? k - 1 : k + 1;  // where a step of the run that asks would go is of no interest
    result<std::vector<T>> found = detail::denoised(fine.path(), fine[k], fine[next], m, std::move(x), batch);
    if (!found) return *found.reason();
    x0[k] = std::move(found).value();
  }
  const auto squared = [&](std::size_t i, std::size_t k) {
    double sum = 0;
    for (std::size_t e = 0; e < size; ++e) {
      const double off = static_cast<double>(x0[i][e]) - static_cast<double>(x0[k][e]);
      sum += off * off;
    }
    return sum / static_cast<double>(batch);
  };
  const result<std::vector<int>> chosen = try_ays_points(rhos, squared, o);
  if (!chosen) return *chosen.reason();
  return try_picked(fine, chosen.value());
}
template <class Form, class Net, array A>
grid ays_search(const grid& fine, const model<Form, Net>& m, const A& data, const ays_options& o = {}, std::size_t batch = 1) {
  return try_ays_search(fine, m, data, o, batch).value();
}

}  // namespace diffode
