// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/kernels.hpp"
#include "diffode/backend/same_coefficients.hpp"
#include "diffode/backend/split_rows.hpp"

#include <cstddef>
#include <cstdint>

namespace diffode::detail {

/// Does a combine by one call of an unrolled loop, as combine_range would after looking for all that most combines have not:
/// lanes, noise, several types, stores past the caches.
///
/// Returns  how many elements it did, from the first one on: all that fill a vector, or none
/// Bits     those of combine_range
template <class F, class T>
std::size_t combine_at_once([[maybe_unused]] const combination<T>& all, [[maybe_unused]] instruction_set use) {
  if constexpr (elemental<T>) {
    const split_rows<T> rows(all);
    if (rows.copies() > 0 && !rows.copies_along()) return 0;
    const combination<T> c = rows.copies() > 0 ? rows.rest() : all;
    const fast_loops<T, F>& fast = fast_loops_for<T, F>(use);
    const std::size_t terms = c.in.size();
    if (!fast.unrolls(c.out.size(), terms) || c.lanes.count != 1) return 0;
    // combine_range begins cache lines with whole vectors; where that is not so already it is left to it.
    if (c.size >= 1024 && reinterpret_cast<std::uintptr_t>(c.out[0].data) % 64 != 0) return 0;
    for (const source& s : c.in)
      if (!s.data) return 0;
    same_coefficients<F> same;
    same.take(c, 0, true);
    const std::size_t whole = c.size - c.size % fast.unrolled_chunk;
    fast.loop(c.out.size(), terms, same.second())(c.out.data(), c.in.data(), same.all(), rows.copies() > 0 ? rows.copy() : duplicate{}, whole);
    return whole;
  }
  return 0;
}

}  // namespace diffode::detail
