// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"

#include <utility>
#include <vector>

namespace diffode {

/// Levels equidistant in time over the whole schedule, without the clean end, which the ending replaces.
///
/// Source  the discretisation of Stability AI's generative-models; "sgm_uniform" in ComfyUI and stable-diffusion.cpp
/// Units   with the default ending: `count` times noisy + (clean - noisy) i/count, i = 0..count-1, and then sigma = 0
/// Errors  refuses count < 1 and the numbers that the schedule refuses
inline result<grid> try_sgm_uniform(const noise_path& path, int count, ending end = ending::zero) {
  if (const fault f = path.check()) return *f;
  const time_range r = path.range();
  if (const fault f = check("sgm_uniform", path, time_steps{r.noisy, r.clean, count, end})) return *f;
  const int values = end.values(count);
  std::vector<level<>> levels;
  for (int i = 0; i < values; ++i)
    levels.push_back(
        path.at(detail::mix(r.noisy, r.clean, static_cast<double>(values - i), static_cast<double>(i))));
  return detail::finish("sgm_uniform", path, std::move(levels), end);
}

inline grid sgm_uniform(const noise_path& path, int count, ending end = ending::zero) {
  return try_sgm_uniform(path, count, end).value();
}

}  // namespace diffode
