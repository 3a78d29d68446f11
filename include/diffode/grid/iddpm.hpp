// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/rounding.hpp"
#include "diffode/grid/table.hpp"

#include <cmath>
#include <numbers>
#include <vector>

namespace diffode {

/// levels: length M of the full list; c1: smallest ratio of neighbouring abar; c2: offset of the cosine
struct iddpm_levels {
  int levels = 1000;
  double c1 = 0.001, c2 = 0.008;
};

/// Sigmas picked from the list that the iDDPM cosine schedule makes, evenly by their place in it.
///
/// Source  Karras et al. 2022, arXiv:2206.00364, table 1, column "iDDPM + DDIM"
/// Units   see sigma_steps; sigmas of the list between sigma_min and sigma_max, the largest one first
/// Errors  refuses count < 1, sigma_min <= 0, sigma_min >= sigma_max, a list that is shorter than the number of sigmas
///         asked for, levels < 1, c1 and c2 outside (0, 1)
inline result<grid> try_iddpm(const noise_path& path, sigma_steps o, iddpm_levels list = {}) {
  using detail::refuse;
  constexpr std::string_view who = "iddpm";
  const auto outside = [](double c) { return !(c > 0 && c < 1); };
  if (list.levels < 1) return refuse(errc::bad_grid, who, ": levels is ", list.levels, ", needs at least 1");
  if (outside(list.c1))
    return refuse(errc::bad_grid, who, ": c1 is ", list.c1, ", needs a number above 0 and below 1");
  if (outside(list.c2))
    return refuse(errc::bad_grid, who, ": c2 is ", list.c2, ", needs a number above 0 and below 1");
  const result<detail::sigma_ends> ends = detail::check(who, path, o);
  if (!ends) return *ends.reason();

  const auto abar = [&](int j) {
    const double s = std::sin(std::numbers::pi / 2 * j / list.levels / (1 + list.c2));
    return s * s;
  };
  std::vector<double> kept;
  double u = 0;
  for (int j = list.levels; j > 0; --j) {
    u = std::sqrt((u * u + 1) / std::fmax(abar(j - 1) / abar(j), list.c1) - 1);
    if (u >= ends.value().low && u <= ends.value().high) kept.push_back(u);
  }
  const int values = o.end.values(o.count);
  if (kept.size() < static_cast<std::size_t>(values))
    return refuse(errc::bad_grid, who, ": count is ", o.count, ", which takes ", values,
                  " sigmas, needs at most the ", kept.size(), " of the list between sigma_min and sigma_max");
  std::vector<double> picked;
  for (int i = 0; i < values; ++i) {
    // The largest sigma was made last.
    const double place = values == 1 ? 0 : static_cast<double>(kept.size() - 1) / (values - 1) * i;
    picked.push_back(kept[kept.size() - 1 - static_cast<std::size_t>(detail::round_half_even(place))]);
  }
  return detail::from_sigma_list(who, path, picked, o.end, o.meaning);
}

inline grid iddpm(const noise_path& path, sigma_steps o, iddpm_levels list = {}) {
  return try_iddpm(path, o, list).value();
}

}  // namespace diffode
