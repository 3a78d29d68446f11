// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"

#include <cmath>

namespace diffode {

/// Sigmas equidistant in ln sigma.
///
/// Source  get_sigmas_exponential of k-diffusion; "lu_lambdas" in diffusers is the same list
/// Units   see sigma_steps; with the default ending, `count` sigmas from sigma_max to sigma_min and then 0
/// Errors  refuses count < 1, sigma_min <= 0, sigma_min >= sigma_max
inline result<grid> try_exponential(const noise_path& path, sigma_steps o) {
  return detail::spread_sigmas("exponential", path, o, [](double high, double low, double left, double gone) {
    return std::exp(detail::mix(std::log(high), std::log(low), left, gone));
  });
}

inline grid exponential(const noise_path& path, sigma_steps o) { return try_exponential(path, o).value(); }

}  // namespace diffode
