// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/level.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace diffode {

/// What is measured, of how many samples. Two measurements can be merged if and only if these are equal.
///
/// from, to     lambda of the first row, at the noisy end, and of the last: rows are equidistant. Statistics hold between them
///              and are never extrapolated, so take the ends of the runs that they are for
/// steps        rows less one; the paper has 120 to 1200
/// elements     numbers in a sample
/// columns      how many statistics each row has: `elements` for one of every element, the number of channels for one of each
///              channel (a channel's elements are neighbours), 1 for one of all
/// samples      of the data; sample k is what the data function says for k, noised anew for every lambda
/// block        samples that are evaluated together, and the least that is saved or sharded. The last block may be shorter
/// seed         of the noise, which is a function of (seed, sample, lambda's index, element)
/// one_noise    a sample has the same noise, and the same random signs that l is measured with, at every lambda: l is a smooth
///              curve then, off as a whole and not jagged
struct statistics_options {
  double from = 0, to = 0;
  int steps = 120;
  std::size_t elements = 1, columns = 1;
  std::uint32_t samples = 1024, block = 32;
  std::uint64_t seed = 0;
  bool one_noise = false;

  bool operator==(const statistics_options&) const = default;

  std::size_t rows() const { return static_cast<std::size_t>(steps) + 1; }
  std::size_t cells() const { return rows() * columns; }
  std::uint32_t blocks() const { return samples / block + (samples % block != 0); }
  /// Samples of the blocks from `first` on.
  std::uint32_t samples_of(std::uint32_t first, std::uint32_t count) const {
    const std::uint64_t begin = std::uint64_t{first} * block, end = (std::uint64_t{first} + count) * block;
    return static_cast<std::uint32_t>((end < samples ? end : samples) - begin);
  }
  double lambda(std::size_t row) const { return row + 1 == rows() ? to : from + (to - from) / steps * static_cast<double>(row); }

  fault check() const {
    constexpr std::string_view who = "statistics_options";
    using detail::refuse;
    if (!std::isfinite(from)) return refuse(errc::bad_model, who, ": from is ", from, ", needs a finite lambda");
    if (!(std::isfinite(to) && to > from)) return refuse(errc::bad_model, who, ": to is ", to, ", needs a finite lambda above from, ", from);
    if (steps < 2 || steps > most_steps) return refuse(errc::bad_model, who, ": steps is ", steps, ", needs 2 to ", most_steps);
    if (elements < 1 || elements > most_elements) return refuse(errc::bad_shape, who, ": elements is ", elements, ", needs 1 to ", most_elements);
    if (columns < 1 || elements % columns != 0)
      return refuse(errc::bad_shape, who, ": columns is ", columns, ", needs a divisor of elements, ", elements);
    if (samples < 2) return refuse(errc::bad_model, who, ": samples is ", samples, ", needs at least 2, for a variance");
    if (block < 1) return refuse(errc::bad_model, who, ": block is ", block, ", needs at least 1");
    return {};
  }

  static constexpr int most_steps = 1'000'000;
  static constexpr std::size_t most_elements = std::size_t{1} << 40;
};

/// One share of a measurement: the blocks from index/of to (index + 1)/of of all.
struct statistics_shard {
  std::uint32_t index = 0, of = 1;

  fault check() const {
    if (of < 1 || index >= of)
      return detail::refuse(errc::bad_call, "statistics_shard: index is ", index, " of ", of, ", needs a number below ", of < 1 ? 1 : of);
    return {};
  }
  std::uint32_t first(std::uint32_t blocks) const { return static_cast<std::uint32_t>(std::uint64_t{blocks} * index / of); }
  std::uint32_t last(std::uint32_t blocks) const { return static_cast<std::uint32_t>(std::uint64_t{blocks} * (index + std::uint64_t{1}) / of); }
};

/// An evaluation: samples first to first + count - 1 of the data (for a model with labels or texts that belong to them),
/// all at one level. `at.label` is what to tell the model.
struct statistics_call {
  level<> at;
  std::uint32_t first = 0, count = 0;
};

}  // namespace diffode
