// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"

#include <cmath>

namespace diffode {

/// Sigmas whose ln sigma falls as a power of the way that is left; exponent 1 is the exponential grid.
///
/// Source  get_sigmas_polyexponential of k-diffusion: ln sigma = ln sigma_min + u^exponent ln(sigma_max/sigma_min),
///         u from 1 to 0
/// Units   see sigma_steps; with the default ending, `count` sigmas from sigma_max to sigma_min and then 0
/// Errors  refuses count < 1, sigma_min <= 0, sigma_min >= sigma_max, an exponent that is not finite or not above 0
inline result<grid> try_polyexponential(const noise_path& path, sigma_steps o, double exponent = 1) {
  constexpr std::string_view who = "polyexponential";
  if (!(std::isfinite(exponent) && exponent > 0))
    return detail::refuse(errc::bad_grid, who, ": exponent is ", exponent, ", needs a finite number above 0");
  return detail::spread_sigmas(who, path, o, [=](double high, double low, double left, double gone) {
    return low * std::exp(std::pow(left / (left + gone), exponent) * std::log(high / low));
  });
}

inline grid polyexponential(const noise_path& path, sigma_steps o, double exponent = 1) {
  return try_polyexponential(path, o, exponent).value();
}

}  // namespace diffode
