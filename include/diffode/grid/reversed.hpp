// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/grid.hpp"

#include <utility>
#include <vector>

namespace diffode {

/// The same levels in the opposite order: from data to noise, for inversion.
/// Errors  none
inline result<grid> try_reversed(const grid& g) {
  std::vector<level<>> levels;
  for (std::size_t i = g.size(); i-- > 0;) levels.push_back(g[i]);
  return grid::make("reversed", g.path(), std::move(levels), repeats::allowed);
}

inline grid reversed(const grid& g) { return try_reversed(g).value(); }

}  // namespace diffode
