// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/model_statistics.hpp"
#include "diffode/grid/grid.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace diffode {

/// The grid with each level moved to the nearest lambda of a table of statistics, for methods that need them there
/// (dpm_v3); the same grid where the statistics have no table and hold everywhere.
///
/// Source  Zheng et al. 2023, arXiv:2310.13268 (DPM-Solver-v3), as in its published code, whose tables are equidistant; see
///         nodes.hpp for these without a table
/// Errors  refuses levels beyond the table, and two levels that would come to the same lambda: the grid then has more
///         steps than the table can tell apart
inline result<grid> try_on_nodes(const grid& g, const model_statistics& statistics) {
  if (!statistics.tabulated()) return g;
  const auto lambda = statistics.lambda();
  std::vector<level<>> levels;
  for (std::size_t i = 0; i < g.size(); ++i) {
    const double here = g[i].lambda;
    const std::size_t k = statistics.nearest(here);
    // Half the distance to the next lambda is what levels move inside the table, so they may at its ends.
    const double room = std::abs(lambda[k] - lambda[k == 0 ? 1 : k - 1]) / 2;
    if (!std::isfinite(here) || ((k == 0 || k + 1 == lambda.size()) && !(std::abs(here - lambda[k]) <= room)))
      return detail::refuse(errc::bad_grid, "on_nodes: lambda of level ", i, " is ", here, ", needs a number from ", lambda.front(), " to ",
                            lambda.back(), ", where the statistics were taken");
    levels.push_back(g.path().at_lambda(lambda[k]));
  }
  return grid::make("on_nodes", g.path(), std::move(levels));
}

inline grid on_nodes(const grid& g, const model_statistics& statistics) { return try_on_nodes(g, statistics).value(); }

}  // namespace diffode
