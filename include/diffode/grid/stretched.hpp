// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace diffode {

/// A grid on rectified flow whose data shares alpha = 1 - sigma are scaled so that the last level with noise has sigma
/// = terminal ("shift_terminal"). Levels without noise stay.
///
/// Source  the pipelines of LTX-Video and Qwen-Image; alpha -> alpha (1 - terminal)/alpha_last
/// Units   terminal in sigma; labels are looked up again
/// Errors  refuses a terminal outside (0, 1) and a grid that is not on rectified flow
inline result<grid> try_stretched(const grid& g, double terminal) {
  using detail::refuse;
  constexpr std::string_view who = "stretched";
  if (!(terminal > 0 && terminal < 1))
    return refuse(errc::bad_grid, who, ": terminal is ", terminal, ", needs a number above 0 and below 1");
  double last = 0;
  for (const level<>& l : g) {
    if (std::abs(l.alpha + l.sigma - 1) > 1e-9)
      return refuse(errc::bad_grid, who, ": alpha + sigma is ", l.alpha + l.sigma, " on schedule ",
                    g.path().name, ", needs 1 (rectified flow)");
    if (l.sigma > 0) last = l.alpha;
  }
  if (!(last > 0))
    return refuse(errc::bad_grid, who, ": alpha of the last level with noise is ", last,
                  ", needs a number above 0");
  std::vector<level<>> levels(g.begin(), g.end());
  for (level<>& l : levels)
    if (l.sigma > 0)
      l = g.path().at_lambda(detail::lambda_of(1 - l.alpha * (1 - terminal) / last, sigma_meaning::share));
  return grid::make(who, g.path(), std::move(levels), repeats::allowed);
}

inline grid stretched(const grid& g, double terminal) { return try_stretched(g, terminal).value(); }

}  // namespace diffode
