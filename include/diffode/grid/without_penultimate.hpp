// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/grid.hpp"

#include <utility>
#include <vector>

namespace diffode {

/// The grid without its last level but one: the last step is two steps long.
///
/// Source  "Always discard next-to-last sigma" of the Stable Diffusion web UI; ComfyUI does it for dpm_2 and uni_pc
/// Units   one step fewer; those programs first make a grid of one step more than they are asked for
/// Errors  refuses a grid of one step
inline result<grid> try_without_penultimate(const grid& g) {
  if (g.steps() < 2)
    return detail::refuse(errc::bad_grid, "without_penultimate: number of steps is ", g.steps(), ", needs at least 2");
  std::vector<level<>> levels(g.begin(), g.end());
  levels.erase(levels.end() - 2);
  return grid::make("without_penultimate", g.path(), std::move(levels), repeats::allowed);
}

inline grid without_penultimate(const grid& g) { return try_without_penultimate(g).value(); }

}  // namespace diffode
