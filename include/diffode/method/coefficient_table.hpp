// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/own_times.hpp"
#include "diffode/tape/recorder.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace diffode {

/// One step of a table: x_t = a x_s + sum_j b[j] m_j, with m_j the predictions made so far, newest first. A first row without b
/// asks the model nothing: near pure noise its answer says little.
struct coefficient_row {
  double a = 1;
  std::vector<double> b{};
  friend bool operator==(const coefficient_row&, const coefficient_row&) = default;
};

/// The most predictions that a row may name: what a backend takes in one combine, less the state and its like.
inline constexpr std::size_t most_row_terms = 32;

/// A run given by its coefficients: what fitted, tuned and searched few-step samplers come to, whoever found them.
///
/// Source       linear multistep methods with free coefficients and free times, as in S4S, arXiv:2502.17423, and bespoke
///              non-stationary solvers, arXiv:2403.01329
/// Order        none of its own          Evaluations  1 per step, none where a first row has no b          Memory  as many predictions as its longest row, less 1
/// Needs        the model and the grid that it was made for: coefficients do not adapt to either
/// Ends         as the rows say; finite at any level where the target is
/// Errors       refuses no rows, rows without numbers or longer than the run so far, numbers that are not finite, times that are
///              not one more than rows; when planned, a grid of another number of steps or other times
struct coefficient_table {
  std::vector<coefficient_row> rows{};
  std::vector<double> times{};  ///< of the levels it was made for: from_times(path, times) is its grid; empty: any grid
  prediction target = prediction::x0;

  static constexpr const char* name = "coefficient_table";
  int keep() const {
    std::size_t most = 1;
    for (const coefficient_row& row : rows) most = row.b.size() > most ? row.b.size() : most;
    return static_cast<int>(most) - 1;
  }
  static constexpr int order() { return 0; }
  friend bool operator==(const coefficient_table&, const coefficient_table&) = default;

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    if (const fault f = fits(r.position(), s, t)) {
      r.refuse(f->what());
      return r.state();
    }
    const coefficient_row& row = rows[static_cast<std::size_t>(r.position().index)];
    if (row.b.empty()) return r.sum({{r.state(), R(row.a)}});
    const value m0 = r.predict(r.state(), s);
    r.remember(m0, s);
    std::array<term<R>, most_row_terms + 1> terms{};
    terms[0] = {r.state(), R(row.a)};
    for (std::size_t j = 0; j < row.b.size(); ++j) terms[j + 1] = {j == 0 ? m0 : r.past(j - 1).m, R(row.b[j])};
    return r.sum(std::span<const term<R>>(terms.data(), row.b.size() + 1));
  }

  fault check() const {
    using detail::refuse;
    if (rows.empty()) return refuse(errc::bad_method, name, ": number of rows is 0, needs at least 1");
    if (!times.empty() && times.size() != rows.size() + 1)
      return refuse(errc::bad_method, name, ": number of times is ", times.size(), ", needs ", rows.size() + 1, ", one more than rows, or none");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t known = rows[0].b.empty() && rows.size() > 1 ? i : i + 1, most = known < most_row_terms ? known : most_row_terms;
      if (rows[i].b.size() > most || (rows[i].b.empty() && (i > 0 || rows.size() == 1)))
        return refuse(errc::bad_method, name, ": rows[", i, "].b has ", rows[i].b.size(), " numbers, needs 1 to ", most);
      if (!std::isfinite(rows[i].a)) return refuse(errc::bad_method, name, ": rows[", i, "].a is ", rows[i].a, ", needs a finite number");
      for (std::size_t j = 0; j < rows[i].b.size(); ++j)
        if (!std::isfinite(rows[i].b[j])) return refuse(errc::bad_method, name, ": rows[", i, "].b[", j, "] is ", rows[i].b[j], ", needs a finite number");
    }
    return detail::check_times(name, times);
  }

 private:
  template <coefficient R>
  fault fits(const step_position& where, const level<R>& s, const level<R>& t) const {
    using detail::refuse;
    if (where.count != static_cast<int>(rows.size()))
      return refuse(errc::bad_method, "the grid has ", where.count, " steps, needs ", rows.size(), ", one for each row");
    return detail::at_times(times, where, s, t);
  }
};

}  // namespace diffode
