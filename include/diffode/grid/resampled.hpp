// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/table.hpp"

#include <cmath>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

namespace detail {

/// count + 1 sigmas along a list, linear in ln sigma between its entries; exact where they meet.
inline std::vector<double> along(std::span<const double> sigmas, int count) {
  std::vector<double> all;
  const long long pieces = static_cast<long long>(sigmas.size()) - 1;
  for (int i = 0; i <= count; ++i) {
    const std::size_t j = static_cast<std::size_t>(i * pieces / count);
    const double left = static_cast<double>(count - i * pieces % count), gone = count - left;
    all.push_back(gone == 0 ? sigmas[j] : std::exp(mix(std::log(sigmas[j]), std::log(sigmas[j + 1]), left, gone)));
  }
  return all;
}

/// The grid of a list of count + 1 sigmas, whose last one the ending replaces.
inline result<grid> with_ending(std::string_view who, const noise_path& path, std::vector<double> sigmas, ending end) {
  if (end.how != ending::kind::keep) sigmas.pop_back();
  return from_sigma_list(who, path, sigmas, end, sigma_meaning::ratio);
}

}  // namespace detail

/// A list of sigmas spread to another number of steps: count + 1 sigmas at even places of the list, ln sigma taken as
/// linear between its entries. For lists that were found for one number of steps.
///
/// Source  Sabour et al. 2024, arXiv:2404.14507 (Align Your Steps), as its authors recommend
/// Units   sigmas above 0: a list that ends in 0 is given without it or with sigma_min in its place
/// Errors  refuses fewer than two sigmas, sigmas that are not finite or not above 0, count < 1
inline result<std::vector<double>> try_resampled_sigmas(std::span<const double> sigmas, int count) {
  using detail::refuse;
  constexpr std::string_view who = "resampled_sigmas";
  if (sigmas.size() < 2)
    return refuse(errc::bad_grid, who, ": number of sigmas is ", sigmas.size(), ", needs at least 2");
  for (std::size_t i = 0; i < sigmas.size(); ++i)
    if (!(std::isfinite(sigmas[i]) && sigmas[i] > 0))
      return refuse(errc::bad_grid, who, ": sigma ", i, " is ", sigmas[i], ", needs a finite number above 0");
  if (count < 1) return refuse(errc::bad_grid, who, ": count is ", count, ", needs at least 1");
  if (count > most_steps) return refuse(errc::bad_grid, who, ": count is ", count, ", needs at most ", most_steps);
  return detail::along(sigmas, count);
}

inline std::vector<double> resampled_sigmas(std::span<const double> sigmas, int count) {
  return try_resampled_sigmas(sigmas, count).value();
}

}  // namespace diffode
