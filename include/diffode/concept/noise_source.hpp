// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/lanes.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode {

/// What the noise of one stream is an increment of: a Brownian motion on the clock u, from u = e^from to u = e^to. Equal
/// ends: of none; the noise is independent of every other.
struct noise_interval {
  double from = 0, to = 0;
  bool independent() const { return from == to; }
};

/// What a run tells a source before it draws.
///
/// Shapes  intervals: streams x lanes;  element e of the state belongs to lane lanes(e), the state holds whole samples of
///         sample_size elements one after another
struct noise_needs {
  std::span<const noise_interval> intervals;
  lane_map lanes;
  std::size_t sample_size = 1;
};

/// Unit normal numbers, addressed and not drawn: the same address always holds the same number, so results depend
/// neither on call order nor on how a batch or its elements are split.
///
/// Required   `fill(sample, stream, first_element, out)`  the normals of elements first_element, first_element + 1, ...
///            of one sample's stream; a run numbers its streams 0, 1, 2, ... in the order of its steps
/// Optional   `check(streams, size, batch)`  nothing, or why it does not do for a run that draws so many arrays
/// Optional   `bind(needs)`  the same kind of answer, for sources that draw increments of one path and so have to know
///            from where to where; what was bound last counts
/// Optional   `array(stream)`  a span of the stream's noise for the whole state, sample after sample, where it is in memory:
///            kernels then read it there, if its element type is one of the run's or all arithmetic is in its type or a wider one
/// Models     philox, recorded_noise, brownian
template <class N, class T>
concept noise_source = requires(const N& n, std::uint32_t u, std::uint64_t first, std::span<T> out) { n.fill(u, u, first, out); };

}  // namespace diffode
