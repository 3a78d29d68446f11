// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/search/compensated.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace diffode {

/// points, which  as in compensation_options
/// reach          how far from 1 a rho is looked for in the first sweep; half as far from where it is in each later one
/// sweeps         over all steps
/// tries          scores asked for each step and sweep
struct fit_compensation_options {
  int points = 3;
  compensation which = compensation::kept;
  double reach = 0.5;
  int sweeps = 3, tries = 10;
};

/// Fits the rho of a compensated method to a score, one step after another, by golden sections.
///
/// table      of the method, from table_of()
/// objective  objective(const coefficient_table&) -> double, smaller is better: error_to, for one
/// Returns    options for compensated(); the score with them is never above the score without
/// Scores     asked for: 1 + (steps - 1) * sweeps * tries
/// Source     the method of DC-Solver, arXiv:2409.03755; it fits by gradients of the final error, this needs none
/// Errors     as try_compensated; refuses options out of range
template <class Objective>
result<compensation_options> try_fit_compensation(const coefficient_table& table, Objective&& objective, const fit_compensation_options& o = {}) {
  using detail::refuse;
  if (!(o.reach > 0 && o.reach <= 10)) return refuse(errc::bad_call, "fit_compensation: reach is ", o.reach, ", needs a number above 0 and at most 10");
  if (o.sweeps < 1 || o.sweeps > 1000) return refuse(errc::bad_call, "fit_compensation: sweeps is ", o.sweeps, ", needs 1 to 1000");
  if (o.tries < 2 || o.tries > 1000) return refuse(errc::bad_call, "fit_compensation: tries is ", o.tries, ", needs 2 to 1000");
  compensation_options best{.rho = std::vector<double>(table.rows.size(), 1), .points = o.points, .which = o.which};
  if (const fault f = detail::check_compensation(table, best)) return *f;
  double least = objective(table);
  const double golden = 0.5 * (std::sqrt(5.0) - 1);
  double reach = o.reach;
  for (int sweep = 0; sweep < o.sweeps; ++sweep, reach /= 2)
    for (std::size_t n = 1; n < best.rho.size(); ++n) {
      compensation_options tried = best;
      const auto score = [&](double rho) {
        tried.rho[n] = rho;
        const result<coefficient_table> changed = try_compensated(table, tried);
        const double s = changed ? objective(changed.value()) : HUGE_VAL;
        if (s < least) least = s, best.rho[n] = rho;
        return s;
      };
      double low = best.rho[n] - reach, high = best.rho[n] + reach;
      double left = high - golden * (high - low), right = low + golden * (high - low);
      double at_left = score(left), at_right = score(right);
      for (int k = 2; k < o.tries; ++k) {
        if (at_left < at_right) {
          high = right, right = left, at_right = at_left;
          at_left = score(left = high - golden * (high - low));
        } else {
          low = left, left = right, at_left = at_right;
          at_right = score(right = low + golden * (high - low));
        }
      }
    }
  return best;
}
template <class Objective>
compensation_options fit_compensation(const coefficient_table& table, Objective&& objective, const fit_compensation_options& o = {}) {
  return try_fit_compensation(table, objective, o).value();
}

}  // namespace diffode
