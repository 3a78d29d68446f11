// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace diffode::detail {

/// Whether two stretches of memory share a byte. Those of no bytes share none. By addresses, for pointers to different arrays
/// have no order.
inline bool overlaps(const void* a, std::size_t bytes_a, const void* b, std::size_t bytes_b) {
  const auto at = [](const void* place) { return reinterpret_cast<std::uintptr_t>(place); };
  return bytes_a > 0 && bytes_b > 0 && at(a) < at(b) + bytes_b && at(b) < at(a) + bytes_a;
}

}  // namespace diffode::detail
