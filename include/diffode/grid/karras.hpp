// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"

#include <cmath>

namespace diffode {

/// Sigmas equidistant in sigma^(1/exponent).
///
/// Source  Karras et al. 2022, arXiv:2206.00364, eq. (5); exponent is their rho
/// Units   see sigma_steps; with the default ending, `count` sigmas from sigma_max to sigma_min and then 0
/// Ends    count = 1 is sigma_max followed by the ending
/// Errors  refuses count < 1, sigma_min <= 0, sigma_min >= sigma_max, an exponent that is not finite or not above 0
inline result<grid> try_karras(const noise_path& path, sigma_steps o, double exponent = 7) {
  if (!(std::isfinite(exponent) && exponent > 0))
    return detail::refuse(errc::bad_grid, "karras: exponent is ", exponent,
                          ", needs a finite number above 0");
  return detail::spread_sigmas("karras", path, o, [=](double high, double low, double left, double gone) {
    return std::pow(detail::mix(std::pow(high, 1 / exponent), std::pow(low, 1 / exponent), left, gone),
                    exponent);
  });
}

inline grid karras(const noise_path& path, sigma_steps o, double exponent = 7) {
  return try_karras(path, o, exponent).value();
}

}  // namespace diffode
