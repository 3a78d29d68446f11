// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

namespace diffode {

/// Unit normal numbers, addressed and not drawn: the same address always holds the same number, so results depend
/// neither on call order nor on how a batch or its elements are split.
///
/// Required   `fill(sample, stream, first_element, out)`  the normals of elements first_element, first_element + 1, ...
///            of one sample's stream; a run numbers its streams 0, 1, 2, ... in the order of its steps
/// Optional   `check(streams, size, batch)`  nothing, or why it does not do for a run that draws so many arrays
/// Models     philox, recorded_noise
template <class N, class T>
concept noise_source = requires(const N& n, std::uint32_t u, std::uint64_t first, std::span<T> out) { n.fill(u, u, first, out); };

}  // namespace diffode
