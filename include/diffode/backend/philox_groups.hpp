// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/noise/normal_scalar.hpp"
#include "diffode/noise/philox.hpp"

#include <cstdint>

namespace diffode::detail {

/// The numbers of a philox, made by one thread of a kernel next to where they are used.
class philox_groups {
 public:
  explicit philox_groups(const philox& noise)
      : key_{static_cast<std::uint32_t>(noise.seed), static_cast<std::uint32_t>(noise.seed >> 32)}, first_sample_(noise.first_sample) {}

  /// Elements 4 block, ..., 4 block + 3 of a sample's stream.
  template <class F>
  DIFFODE_HD scalar::four_normals<F> four(std::uint32_t sample, std::uint32_t stream, std::uint64_t block) const {
    return scalar::normals_of<F>({{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), first_sample_ + sample, stream}}, key_[0], key_[1]);
  }

 private:
  std::uint32_t key_[2], first_sample_;
};

}  // namespace diffode::detail
