// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode {

/// Noise that was drawn elsewhere, one array after another in the order of use: to repeat the run of another program.
///
/// Shapes  values: streams x samples x sample_size. The run draws plan.noises() streams.
template <class T>
struct recorded_noise {
  std::span<const T> values;
  std::size_t sample_size;
  std::size_t samples = 1;

  /// Nothing, or why it does not do for a run that draws `streams` arrays of `size` elements.
  fault check(int streams, std::size_t size, std::size_t batch) const {
    using detail::refuse;
    if (sample_size * samples != size || samples != batch)
      return refuse(errc::bad_noise, "recorded_noise: it is of ", samples, " samples of ", sample_size, ", needs ", batch, " samples of ", size / batch);
    if (values.size() < static_cast<std::size_t>(streams) * size)
      return refuse(errc::bad_noise, "recorded_noise: number of values is ", values.size(), ", needs ", static_cast<std::size_t>(streams) * size, " (", streams, " arrays)");
    return {};
  }

  /// All of a stream, where it lies.
  std::span<const T> array(std::uint32_t stream) const { return values.subspan(std::size_t{stream} * samples * sample_size, samples * sample_size); }

  template <class U>
  void fill(std::uint32_t sample, std::uint32_t stream, std::uint64_t first, std::span<U> out) const {
    const std::size_t at = (std::size_t{stream} * samples + sample) * sample_size + static_cast<std::size_t>(first);
    assert(at + out.size() <= values.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<U>(values[at + i]);
  }
};

}  // namespace diffode
