// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/gits_table.hpp"
#include "diffode/grid/resampled.hpp"

#include <cmath>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// coefficient  how much more an early deviation counts than a late one: from 0.8 (steps at the noisy end) to 1.5 (at
///              the clean end); the nearest of the published ones, which are 0.05 apart, is taken
struct gits_steps {
  int count = 0;
  double coefficient = 1.2;
  ending end = ending::zero;
};

/// The sigmas that geometry-inspired time scheduling found for Stable Diffusion by dynamic programming, for 2 to 20
/// steps; more steps are spread along the list for 20, one step is the two ends.
///
/// Source  Chen et al. 2024, arXiv:2405.11326; the tables as in ComfyUI. stable-diffusion.cpp has them for coefficient
///         1.2 only
/// Units   sigma/alpha; count + 1 sigmas, the last of which the ending replaces
/// Errors  refuses count < 1, a coefficient outside 0.8..1.5
inline result<grid> try_gits(const noise_path& path, gits_steps o) {
  using detail::refuse;
  constexpr std::string_view who = "gits";
  if (o.count < 1) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at least 1");
  if (o.count > most_steps) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at most ", most_steps);
  if (!(o.coefficient >= 0.8 && o.coefficient <= 1.5))
    return refuse(errc::bad_grid, who, ": coefficient is ", o.coefficient, ", needs a number from 0.8 to 1.5");
  const int row = static_cast<int>(std::lround((o.coefficient - 0.8) * 20)), listed = o.count > 20 ? 20 : o.count;
  std::vector<double> sigmas{detail::gits_sigmas[0]};
  // The list for n steps has n - 1 places of its own and comes after those for fewer: (n - 2)(n - 1)/2 of them.
  for (int i = 0; i < listed - 1; ++i)
    sigmas.push_back(detail::gits_sigmas[detail::gits_places[row][(listed - 2) * (listed - 1) / 2 + i]]);
  sigmas.push_back(detail::gits_sigmas[100]);
  if (o.count > listed) sigmas = detail::along(sigmas, o.count);
  return detail::with_ending(who, path, std::move(sigmas), o.end);
}

inline grid gits(const noise_path& path, gits_steps o) { return try_gits(path, o).value(); }

}  // namespace diffode
