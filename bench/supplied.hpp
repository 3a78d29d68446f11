// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode_bench {

/// A noise source with the same noise at every draw, from memory.
template <class E>
struct supplied {
  std::span<const E> values;

  std::span<const E> array(std::uint32_t) const { return values; }

  template <class U>
  void fill(std::uint32_t, std::uint32_t, std::uint64_t first, std::span<U> out) const {
    const E* const from = values.data() + first;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<U>(from[i]);
  }
};

}  // namespace diffode_bench
