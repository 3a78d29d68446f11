// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// Where a step lies in its run; both known before the run starts, on a fixed grid.
struct step_position {
  int index = 0, count = 1;
  int remaining() const { return count - index; }
};

/// Which order each step of a run may have. Orders always grow from 1 as history becomes available; what differs
/// between the references is the end, where the last steps are often the longest in lambda.
struct ramp {
  int lower_below = 0;       ///< in runs of fewer steps than this, a step with k steps to go has order k at most
  bool first_order_last = false;  ///< the last step has order 1
  std::vector<int> orders{};      ///< the order of every step, given by hand

  /// Full order to the end.
  static ramp full() { return {}; }
  /// Lowered at the end of every run (UniPC, SA-Solver).
  static ramp lowered() { return {.lower_below = std::numeric_limits<int>::max()}; }
  /// Lowered in runs of fewer than 10 steps (dpm-solver's own code).
  static ramp dpm_solver() { return {.lower_below = 10}; }
  /// Lowered in runs of fewer than 15 steps (diffusers).
  static ramp diffusers() { return {.lower_below = 15}; }
  /// Full order, with one first-order step at the end ("euler_at_final" in diffusers).
  static ramp euler_last() { return {.first_order_last = true}; }
  /// One order per step.
  static ramp given(std::vector<int> orders) { return {.orders = std::move(orders)}; }

  /// Order of the step at `where`, for a method of order `most`.
  int order(int most, step_position where) const {
    const auto least = [](int a, int b) { return a < b ? a : b; };
    if (!orders.empty()) return least(most, orders[static_cast<std::size_t>(least(where.index, static_cast<int>(orders.size()) - 1))]);
    if (first_order_last && where.remaining() == 1) return 1;
    return where.count < lower_below ? least(most, where.remaining()) : most;
  }

  /// Nothing, or which entry of the list is not an order of the method.
  fault check(std::string_view method, int most) const {
    for (std::size_t i = 0; i < orders.size(); ++i)
      if (orders[i] < 1 || orders[i] > most)
        return detail::refuse(errc::bad_method, method, ": ramp.orders[", i, "] is ", orders[i], ", needs 1 to ", most);
    return {};
  }
};

}  // namespace diffode
