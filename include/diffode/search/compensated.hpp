// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/method/coefficient_table.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// What becomes of a prediction that was compensated: later steps use it in the place of the model's (kept), or the model's
/// own (newest_only).
enum class compensation { kept, newest_only };

/// rho      one for each step; that of the first step is not used. 1 changes nothing
/// points   how many of the newest predictions the compensated one is interpolated from
struct compensation_options {
  std::vector<double> rho{};
  int points = 3;
  compensation which = compensation::kept;
};

namespace detail {

/// Weights of the polynomial through values at `times`, at time `here`.
inline std::vector<double> lagrange_at(std::span<const double> times, double here) {
  std::vector<double> w;
  for (std::size_t q = 0; q < times.size(); ++q) {
    double product = 1;
    for (std::size_t k = 0; k < times.size(); ++k)
      if (k != q) product *= (here - times[k]) / (times[q] - times[k]);
    w.push_back(product);
  }
  return w;
}

inline fault check_compensation(const coefficient_table& table, const compensation_options& o) {
  if (const fault f = table.check()) return f;
  if (table.times.empty()) return refuse(errc::bad_method, "compensated: number of times of the table is 0, needs ", table.rows.size() + 1);
  if (o.rho.size() != table.rows.size()) return refuse(errc::bad_method, "compensated: number of rho is ", o.rho.size(), ", needs one for each step, ", table.rows.size());
  if (o.points < 1 || o.points > 8) return refuse(errc::bad_method, "compensated: points is ", o.points, ", needs 1 to 8");
  for (std::size_t n = 0; n < o.rho.size(); ++n)
    if (!(std::abs(o.rho[n]) <= 100)) return refuse(errc::bad_method, "compensated: rho[", n, "] is ", o.rho[n], ", needs a number from -100 to 100");
  for (std::size_t i = 1; i < table.times.size(); ++i)
    if (table.times[i] == table.times[i - 1]) return refuse(errc::bad_grid, "compensated: time ", i, " is ", table.times[i], " like the one before, needs another");
  return {};
}

}  // namespace detail

/// DC-Solver's dynamic compensation, as a change of coefficients: in every step the newest prediction is replaced by the
/// polynomial through the newest few, at time rho t_n + (1 - rho) t_(n-1) instead of t_n.
///
/// table    with its times, which are those of the interpolation; table_of() makes one of any multistep method
/// Returns  the table of the compensated run; with rho = 1 the same, bit by bit
/// Source   Zhao et al. 2024, arXiv:2409.03755 (DC-Solver). It replaces the prediction in the buffer of the solver: `kept`
/// Errors   refuses what the table's own check refuses, a table without times or with a time twice, rho that are not one for
///          each step or above 100 in size, points outside 1 to 8, and rows that would become too long
inline result<coefficient_table> try_compensated(const coefficient_table& table, const compensation_options& o) {
  if (const fault f = detail::check_compensation(table, o)) return *f;
  const std::size_t steps = table.rows.size();
  std::vector<std::vector<double>> as(steps);  // as[n][k]: share of the model's prediction k in the compensated prediction n
  coefficient_table made = table;
  for (std::size_t n = 0; n < steps; ++n) {
    const std::size_t points = n + 1 < static_cast<std::size_t>(o.points) ? n + 1 : static_cast<std::size_t>(o.points);
    std::vector<double> times;
    for (std::size_t q = 0; q < points; ++q) times.push_back(table.times[n - q]);
    const double here = n == 0 ? times[0] : o.rho[n] * times[0] + (1 - o.rho[n]) * table.times[n - 1];
    const std::vector<double> w = detail::lagrange_at(times, here);
    as[n].assign(n + 1, 0);
    as[n][n] = w[0];
    for (std::size_t q = 1; q < points; ++q) {
      if (o.which == compensation::newest_only) as[n][n - q] += w[q];
      else
        for (std::size_t k = 0; k < as[n - q].size(); ++k) as[n][k] += w[q] * as[n - q][k];
    }

    std::vector<double> b(n + 1);
    for (std::size_t j = 0; j < table.rows[n].b.size(); ++j) {
      const double share = table.rows[n].b[j];
      if (j > 0 && o.which == compensation::newest_only) b[j] += share;
      else
        for (std::size_t k = 0; k < as[n - j].size(); ++k) b[n - k] += share * as[n - j][k];
    }
    while (b.size() > table.rows[n].b.size() && b.back() == 0) b.pop_back();
    made.rows[n].b = std::move(b);
  }
  if (const fault f = made.check()) return *f;
  return made;
}
inline coefficient_table compensated(const coefficient_table& table, const compensation_options& o) { return try_compensated(table, o).value(); }

}  // namespace diffode
