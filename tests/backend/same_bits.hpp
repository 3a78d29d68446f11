// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/cpu.hpp"
#include "diffode/detail/memory.hpp"
#include "diffode/noise/philox.hpp"

#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

namespace diffode_test {

/// A combine on memory of its own: bytes, so that any element type, alignment and overlap can be had.
struct combine_case {
  std::size_t rows, terms, size, samples = 1;
  std::vector<diffode::element> types;  ///< of input k, used in turn; row r has that of input r
  diffode::lane_map lanes = {};
  std::size_t made = 0;                 ///< the last so many inputs are noise and the constant one in turn
  std::size_t shift = 0;                ///< elements by which every array is off the start of a cache line
  bool in_place = true;                 ///< row r is written over input r, otherwise next to it
  std::size_t brief = 0;                ///< row 0 has but the first term and this one, if it is not 0

  diffode::element type(std::size_t k) const { return types[k % types.size()]; }

  /// The bytes of all arrays after the combine, and those around them.
  template <class T, class Backend>
  std::vector<std::byte> on(const Backend& backend) const {
    const std::size_t pitch = ((size + shift) * 8 + 127) / 64 * 64, arrays = terms + rows;
    std::vector<std::byte> memory(arrays * pitch + 64);
    std::byte* const base = memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64);
    const auto array = [&](std::size_t k) { return base + k * pitch + shift * diffode::bytes_of(type(k)); };
    std::mt19937 random(static_cast<unsigned>(rows * 100 + terms));
    const auto number = [&] { return static_cast<double>(static_cast<int>(random() % 4001) - 2000) / 700; };
    for (std::size_t k = 0; k < terms; ++k)
      for (std::size_t i = 0; i < size; ++i) diffode::detail::put(type(k), array(k), i, number());
    std::vector<double> c(rows * terms * lanes.count);
    for (double& v : c) v = number();
    for (std::size_t k = 1; k < terms && brief != 0; ++k)
      for (std::size_t lane = 0; lane < lanes.count && k != brief; ++lane) c[k * lanes.count + lane] = 0;
    std::vector<diffode::source> in;
    for (std::size_t k = 0; k < terms; ++k) {
      const bool has_memory = k + made < terms;
      in.push_back({has_memory ? array(k) : nullptr, type(k), !has_memory && k % 2 == 0, static_cast<std::uint32_t>(k)});
    }
    std::vector<diffode::sink> out;
    for (std::size_t r = 0; r < rows; ++r) {
      const bool over = in_place && r + made < terms;
      out.push_back({over ? array(r) : base + (terms + r) * pitch + shift * diffode::bytes_of(type(r)), type(r)});
    }
    backend.combine(diffode::combination<T>{out, in, c, lanes, size, size / samples}, diffode::philox{.seed = 9});
    memory.erase(memory.begin(), memory.begin() + (base - memory.data()));
    memory.resize(arrays * pitch);
    return memory;
  }
};

}  // namespace diffode_test
