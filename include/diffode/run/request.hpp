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

namespace detail {

/// Nothing, or why these are no answer to a call that wants the outputs in the mask `wanted` of `count`, x-sized each.
template <class T>
fault check_outputs(std::span<const std::span<const T>> outputs, unsigned wanted, int count, std::size_t size) {
  if (outputs.size() != static_cast<std::size_t>(count))
    return refuse(errc::bad_call, "feed: number of outputs is ", outputs.size(), ", needs ", count, " (one for each weight of the guidance)");
  for (std::size_t k = 0; k < outputs.size(); ++k)
    if ((wanted >> k & 1u) != 0 && outputs[k].size() != size)
      return refuse(errc::bad_shape, "feed: size of output ", k, " is ", outputs[k].size(), ", needs ", size, ", the size of the state");
  return {};
}

}  // namespace detail

}  // namespace diffode
