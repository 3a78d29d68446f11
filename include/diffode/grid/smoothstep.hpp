// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"
#include "diffode/schedule/discrete.hpp"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// The levels of a table at times u^2 (3 - 2 u), u = 1 - i/count: denser at both ends. Each step at most once.
///
/// Source  "smoothstep" in stable-diffusion.cpp: step round((T - 1) u^2 (3 - 2 u)), i = 0..count-1, half away from 0
/// Units   labels are training steps; steps that come out equal are taken once, so that there may be fewer than count
/// Differs from stable-diffusion.cpp, where equal steps stay (from 78 steps on for T = 1000)
/// Errors  refuses count < 1 and the numbers that the table refuses
inline result<grid> try_smoothstep(const discrete& table, int count, ending end = ending::zero) {
  constexpr std::string_view who = "smoothstep";
  if (const fault f = table.check()) return *f;
  if (count < 1) return detail::refuse(errc::bad_grid, who, ": count is ", count, ", needs at least 1");
  if (count > most_steps)
    return detail::refuse(errc::bad_grid, who, ": count is ", count, ", needs at most ", most_steps);
  if (const fault f = end.check(who)) return *f;
  const noise_path path = table;
  std::vector<level<>> levels;
  const auto add = [&](double u) {
    const double step = std::round(table.range().noisy * (u * u * (3 - 2 * u)));
    if (levels.empty() || levels.back().t != step) levels.push_back(table.at(step));
  };
  for (int i = 0; i < count; ++i) add(static_cast<double>(count - i) / count);
  if (end.how == ending::kind::keep) add(0);
  return detail::finish(who, path, std::move(levels), end);
}

inline grid smoothstep(const discrete& table, int count, ending end = ending::zero) {
  return try_smoothstep(table, count, end).value();
}

}  // namespace diffode
