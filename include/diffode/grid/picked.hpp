// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/grid.hpp"

#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// Some of the levels of a grid, by their indices.
/// Errors  refuses an index outside 0..steps, fewer than two indices, and indices that repeat or turn
inline result<grid> try_picked(const grid& g, std::span<const int> indices) {
  std::vector<level<>> levels;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < 0 || static_cast<std::size_t>(indices[i]) >= g.size())
      return detail::refuse(errc::bad_grid, "picked: index ", i, " is ", indices[i],
                            ", needs an integer from 0 to ", g.steps());
    levels.push_back(g[static_cast<std::size_t>(indices[i])]);
  }
  return grid::make("picked", g.path(), std::move(levels));
}

inline grid picked(const grid& g, std::span<const int> indices) { return try_picked(g, indices).value(); }

}  // namespace diffode
