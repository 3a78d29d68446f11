// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <string_view>
#include <vector>

namespace diffode {

namespace detail {

inline fault check_budget(std::string_view who, std::string_view what, int amount, int order) {
  if (amount < 1) return refuse(errc::bad_grid, who, ": ", what, " is ", amount, ", needs at least 1");
  if (order < 1 || order > 3)
    return refuse(errc::bad_grid, who, ": order is ", order, ", needs an integer from 1 to 3");
  return {};
}

}  // namespace detail

/// Splits a budget of evaluations into steps of a singlestep method: a step of order k takes k evaluations.
///
/// Source  Lu et al. 2022, arXiv:2206.00927, DPM-Solver-fast: steps of the full order, then lower ones;
///         for order 3 the last steps are 2, 1 or 1 or 2
/// Errors  refuses evaluations < 1 and an order outside 1..3
inline result<std::vector<int>> try_singlestep_orders(int evaluations, int order) {
  if (const fault f = detail::check_budget("singlestep_orders", "evaluations", evaluations, order)) return *f;
  // Order 3 never ends on a step of order 3: a budget of 3 m is m - 1 of those, then 2 and 1.
  const bool ends_low = order == 3 && evaluations % 3 == 0;
  std::vector<int> orders(static_cast<std::size_t>(evaluations / order - (ends_low ? 1 : 0)), order);
  if (ends_low) orders.push_back(2);
  if (ends_low || evaluations % order > 0) orders.push_back(ends_low ? 1 : evaluations % order);
  return orders;
}

inline std::vector<int> singlestep_orders(int evaluations, int order) {
  return try_singlestep_orders(evaluations, order).value();
}

/// The same with steps of the full order alone: as many as fit, so that up to order - 1 evaluations are left over.
///
/// Source  "singlestep_fixed" of dpm-solver's code
/// Errors  refuses an order outside 1..3 and evaluations < order
inline result<std::vector<int>> try_singlestep_fixed_orders(int evaluations, int order) {
  if (const fault f = detail::check_budget("singlestep_fixed_orders", "evaluations", evaluations, order)) return *f;
  if (evaluations < order)
    return detail::refuse(errc::bad_grid, "singlestep_fixed_orders: evaluations is ", evaluations, ", needs at least the order, ", order);
  return std::vector<int>(static_cast<std::size_t>(evaluations / order), order);
}

inline std::vector<int> singlestep_fixed_orders(int evaluations, int order) {
  return try_singlestep_fixed_orders(evaluations, order).value();
}

/// lower_final  whether a last round of full length ends on order 1 instead of the full order
/// ends_clean   whether the run ends at sigma = 0, which only a step of order 1 can reach
struct chained_options {
  int updates = 0, order = 2;
  bool lower_final = true, ends_clean = true;
};

/// The order of each update of a singlestep method whose stages lie on grid points: 1, 2, 3, 1, 2, 3, ...
///
/// Source  DPMSolverSinglestep of diffusers
/// Errors  refuses updates < 1 and an order outside 1..3
inline result<std::vector<int>> try_chained_orders(chained_options o) {
  if (const fault f = detail::check_budget("chained_orders", "updates", o.updates, o.order)) return *f;
  std::vector<int> orders;
  for (int i = 0; i < o.updates; ++i) orders.push_back(i % o.order + 1);
  if (o.ends_clean || (o.lower_final && o.updates % o.order == 0)) orders.back() = 1;
  return orders;
}

inline std::vector<int> chained_orders(chained_options o) { return try_chained_orders(o).value(); }

}  // namespace diffode
