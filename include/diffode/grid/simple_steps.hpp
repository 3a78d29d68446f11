// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"
#include "diffode/schedule/discrete.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// Every so many-th level of a table, from its noisy end, by integer division.
///
/// Source  "simple" in ComfyUI and stable-diffusion.cpp: index T - 1 - floor(i T/count), i = 0..count-1
/// Units   labels are training steps; then the ending
/// Errors  refuses count < 1 or above the number of training steps, and the numbers that the table refuses
inline result<grid> try_simple_steps(const discrete& table, int count, ending end = ending::zero) {
  constexpr std::string_view who = "simple_steps";
  if (const fault f = table.check()) return *f;
  if (const fault f = end.check(who)) return *f;
  const long long train_steps = static_cast<long long>(table.log_alpha.size()), values = end.values(count);
  if (count < 1 || values > train_steps)
    return detail::refuse(errc::bad_grid, who, ": count is ", count, ", needs an integer from 1 to ",
                          train_steps - (values - count));
  const noise_path path = table;
  std::vector<level<>> levels;
  for (long long i = 0; i < values; ++i) {
    const long long step = train_steps - 1 - i * train_steps / values;
    levels.push_back(table.at(static_cast<double>(step)));
  }
  return detail::finish(who, path, std::move(levels), end);
}

inline grid simple_steps(const discrete& table, int count, ending end = ending::zero) {
  return try_simple_steps(table, count, end).value();
}

}  // namespace diffode
