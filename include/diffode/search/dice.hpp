// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/noise/words.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace diffode {

/// Random numbers of one throw of a search: the same on every machine, and independent of all other throws, so that a
/// search comes out the same whoever does its parts in whatever order.
class dice {
 public:
  dice(std::uint64_t seed, std::uint64_t throw_number) : key_{detail::low_word(seed), detail::high_word(seed)}, which_(throw_number) {}

  /// Uniform in [0, 1), of 53 bits.
  double uniform() {
    const std::uint64_t high = word(), low = word();
    return static_cast<double>((high << 32 | low) >> 11) * 0x1p-53;
  }
  bool chance(double probability) { return uniform() < probability; }
  std::size_t below(std::size_t count) {
    const std::size_t k = static_cast<std::size_t>(uniform() * static_cast<double>(count));
    return k < count ? k : count - 1;
  }
  int between(int least, int most) { return least + static_cast<int>(below(static_cast<std::size_t>(most - least + 1))); }
  /// Of the unit normal distribution, after Box and Muller.
  double normal() {
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

 private:
  std::uint32_t word() {
    if (left_ == 0) block_ = philox4x32({number_++, 0, detail::low_word(which_), detail::high_word(which_)}, key_), left_ = 4;
    return block_[--left_];
  }

  std::array<std::uint32_t, 2> key_;
  std::uint64_t which_;
  std::array<std::uint32_t, 4> block_{};
  std::uint32_t number_ = 0;
  std::size_t left_ = 0;
};

}  // namespace diffode
