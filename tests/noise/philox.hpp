// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/noise/philox.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace diffode_test {

using words = std::array<std::uint32_t, 4>;

template <class T = double>
std::vector<T> draw(const diffode::philox& noise, std::uint32_t sample, std::uint32_t stream, std::size_t count,
                    std::uint64_t first = 0) {
  std::vector<T> v(count);
  noise.fill<T>(sample, stream, first, v);
  return v;
}

/// Those that this machine has.
inline std::vector<diffode::instruction_set> instruction_sets() {
  std::vector<diffode::instruction_set> all;
  for (const auto set : {diffode::instruction_set::portable, diffode::instruction_set::avx2, diffode::instruction_set::avx512})
    if (set <= diffode::best_instruction_set()) all.push_back(set);
  return all;
}

}  // namespace diffode_test
