// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"

#include <cmath>

namespace diffode {

/// Sigmas equidistant in arctan(sigma).
///
/// Source  Sabour et al. 2024, arXiv:2404.14507 (Align Your Steps), the grid that is optimal for Gaussian data of
///         deviation 1
/// Units   see sigma_steps; with the default ending, `count` sigmas from sigma_max to sigma_min and then 0
/// Errors  refuses count < 1, sigma_min <= 0, sigma_min >= sigma_max
inline result<grid> try_kl_optimal(const noise_path& path, sigma_steps o) {
  return detail::spread_sigmas("kl_optimal", path, o, [](double high, double low, double left, double gone) {
    return std::tan(detail::mix(std::atan(high), std::atan(low), left, gone));
  });
}

inline grid kl_optimal(const noise_path& path, sigma_steps o) { return try_kl_optimal(path, o).value(); }

}  // namespace diffode
