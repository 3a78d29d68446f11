// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/grid.hpp"

#include <utility>
#include <vector>

namespace diffode {

/// The grid without its first `step` steps: where a run starts that begins with a noised image.
///
/// Units   step: index of the level to start from, 0 keeps the whole grid
/// Errors  refuses a step outside 0..steps - 1
inline result<grid> try_from_step(const grid& g, int step) {
  if (step < 0 || static_cast<std::size_t>(step) >= g.steps())
    return detail::refuse(errc::bad_grid, "from_step: step is ", step, ", needs an integer from 0 to ",
                          g.steps() - 1);
  return grid::make("from_step", g.path(), std::vector<level<>>(g.begin() + step, g.end()), repeats::allowed);
}

inline grid from_step(const grid& g, int step) { return try_from_step(g, step).value(); }

}  // namespace diffode
