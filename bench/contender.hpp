// SPDX-License-Identifier: MIT
#pragma once

#include "buffer.hpp"

#include <cstddef>
#include <span>

namespace diffode_bench {

/// Somebody who runs the course of a method on arrays of its own, one evaluation of the model after another.
struct contender {
  virtual ~contender() = default;
  /// Back to the start of the run.
  virtual void restart() = 0;
  /// All the work between two evaluations of the model: takes its answer, comes to what the next one is shown.
  virtual void evaluate() = 0;
  /// Element i of what the model is shown now: what contenders have to agree on.
  virtual double shown(std::size_t i) const = 0;
};

/// What all contenders read: the state at the start, the model's answer (the same at every evaluation: a model that costs
/// nothing), and the noise of every draw.
template <class E>
struct material {
  std::span<const E> start, answer, noise;
  room* shared = nullptr;  ///< where contenders place their arrays; none: each has its own
};

}  // namespace diffode_bench
