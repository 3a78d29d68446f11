// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/grid.hpp"
#include "diffode/grid/rounding.hpp"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// count + 1 equidistant values of lambda: where statistics of a model were taken.
struct lambda_nodes {
  double from, to;
  int count;
  double operator[](int i) const { return i == count ? to : from + (to - from) / count * i; }
};

/// For each level of a grid the index of the nearest node, ties to the even one.
/// Errors  refuses nodes that are not finite or all in one place, count < 1, and levels beyond the nodes
inline result<std::vector<int>> try_nearest_nodes(const grid& g, lambda_nodes nodes) {
  using detail::refuse;
  constexpr std::string_view who = "nearest_nodes";
  if (nodes.count < 1) return refuse(errc::bad_grid, who, ": count is ", nodes.count, ", needs at least 1");
  if (!std::isfinite(nodes.from))
    return refuse(errc::bad_grid, who, ": from is ", nodes.from, ", needs a finite number");
  if (!std::isfinite(nodes.to) || nodes.to == nodes.from)
    return refuse(errc::bad_grid, who, ": to is ", nodes.to,
                  ", needs a finite number that is not from = ", nodes.from);
  std::vector<int> nearest;
  for (std::size_t i = 0; i < g.size(); ++i) {
    const double place = (g[i].lambda - nodes.from) / (nodes.to - nodes.from) * nodes.count;
    const double index = detail::round_half_even(place);
    if (!(index >= 0 && index <= nodes.count))
      return refuse(errc::bad_grid, who, ": lambda of level ", i, " is ", g[i].lambda,
                    ", needs a number from ", nodes.from, " to ", nodes.to);
    nearest.push_back(static_cast<int>(index));
  }
  return nearest;
}

inline std::vector<int> nearest_nodes(const grid& g, lambda_nodes nodes) {
  return try_nearest_nodes(g, nodes).value();
}

/// The grid with each level moved to the nearest node, for methods that have coefficients at the nodes only.
///
/// Source  Zheng et al. 2023, arXiv:2310.13268 (DPM-Solver-v3), as in its published code
/// Errors  those of nearest_nodes; refuses two levels that would come to the same node
inline result<grid> try_on_nodes(const grid& g, lambda_nodes nodes) {
  const result<std::vector<int>> nearest = try_nearest_nodes(g, nodes);
  if (!nearest) return *nearest.reason();
  std::vector<level<>> levels;
  for (const int i : nearest.value()) levels.push_back(g.path().at_lambda(nodes[i]));
  return grid::make("on_nodes", g.path(), std::move(levels));
}

inline grid on_nodes(const grid& g, lambda_nodes nodes) { return try_on_nodes(g, nodes).value(); }

}  // namespace diffode
