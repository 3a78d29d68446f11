// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// A grid whose levels with more noise than `sigma` are lowered to it, for methods that can not start from pure noise.
///
/// Source  UniPC in diffusers starts rectified flow at sigma = 1 - 1e-6
/// Units   sigma = sigma/(alpha + sigma), that of rectified flow; labels of lowered levels are looked up again
/// Errors  refuses a sigma outside (0, 1), and one below two levels of the grid, which would become one
inline result<grid> try_capped(const grid& g, double sigma) {
  constexpr std::string_view who = "capped";
  if (!(sigma > 0 && sigma < 1))
    return detail::refuse(errc::bad_grid, who, ": sigma is ", sigma, ", needs a number above 0 and below 1");
  const level<> top = g.path().at_lambda(detail::lambda_of(sigma, sigma_meaning::share));
  std::vector<level<>> levels(g.begin(), g.end());
  std::size_t lowered = 0;
  for (level<>& l : levels)
    if (l.lambda < top.lambda) l = top, ++lowered;
  if (lowered > 1)
    return detail::refuse(errc::bad_grid, who, ": sigma is ", sigma, ", below ", lowered,
                          " levels of the grid, needs at most one level above it");
  return grid::make(who, g.path(), std::move(levels), repeats::allowed);
}

inline grid capped(const grid& g, double sigma) { return try_capped(g, sigma).value(); }

}  // namespace diffode
