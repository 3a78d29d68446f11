// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/tape.hpp"

#include <cstddef>
#include <span>

namespace diffode {

/// One evaluation that a run is waiting for.
///
/// Valid until the next feed(). `x` is the run's own memory: read it, do not write it.
template <class T>
struct request {
  std::span<const T> x;             ///< what to show the model; already scaled for it
  double label;                     ///< what to tell the model: t, an index, ln(rho)/4, ... (of lane 0)
  level<> at;                       ///< where the evaluation is (of lane 0)
  std::span<const level<>> levels;  ///< the same for every lane; levels[i].label is what to tell lane i
  unsigned outputs;                 ///< bit k is set where output k is wanted; 1 without guidance
  int index, step, stage;           ///< which evaluation of the run, of which step, which of that step
  bool last_of_step;

  bool wants(int output) const { return (outputs >> output & 1u) != 0; }
};

/// What a watcher is shown.
template <class T>
struct sight {
  seen what;
  int point, points;     ///< which point of the grid; 0 is the start
  std::span<const T> x;  ///< valid during the call
};

}  // namespace diffode
