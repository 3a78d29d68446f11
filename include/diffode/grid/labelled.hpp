// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/grid.hpp"

#include <concepts>
#include <utility>
#include <vector>

namespace diffode {

/// The same levels with other labels: `label_of(level)` is what the model is told there. The levels do not move.
///
/// Ends    a level with sigma = 0 keeps its label: no method asks a model there, and ln(sigma) would not be a number
/// Errors  refuses labels that are not finite
template <class F>
requires std::invocable < F&, const level<>
& > result<grid> try_labelled(const grid& g, F label_of) {
  std::vector<level<>> levels(g.begin(), g.end());
  for (level<>& l : levels)
    if (l.sigma != 0) l.label = label_of(std::as_const(l));
  return grid::make("labelled", g.path(), std::move(levels), repeats::allowed);
}

template <class F>
requires std::invocable < F&, const level<>
& > grid labelled(const grid& g, F label_of) { return try_labelled(g, std::move(label_of)).value(); }

}  // namespace diffode
