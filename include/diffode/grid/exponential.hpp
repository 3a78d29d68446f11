// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"

#include <cmath>
#include <string_view>

namespace diffode {

namespace detail {

inline result<grid> spread_log_sigmas(std::string_view who, const noise_path& path, const sigma_steps& o) {
  return spread_sigmas(who, path, o, [](double high, double low, double left, double gone) {
    return std::exp(mix(std::log(high), std::log(low), left, gone));
  });
}

}  // namespace detail

/// Sigmas equidistant in ln sigma.
///
/// Source  get_sigmas_exponential of k-diffusion
/// Units   see sigma_steps; with the default ending, `count` sigmas from sigma_max to sigma_min and then 0
/// Errors  refuses count < 1, sigma_min <= 0, sigma_min >= sigma_max
inline result<grid> try_exponential(const noise_path& path, sigma_steps o) {
  return detail::spread_log_sigmas("exponential", path, o);
}

inline grid exponential(const noise_path& path, sigma_steps o) { return try_exponential(path, o).value(); }

/// The exponential grid under its name in diffusers ("use_lu_lambdas"): there lambda = -ln sigma is made equidistant in
/// lambda^(1/rho) with rho = 1, which is the same list. On a VP path it is uniform_lambda between two sigmas.
///
/// Source  Lu et al. 2022, arXiv:2206.00927, section 4 (the "logSNR" steps)
/// Errors  those of exponential
inline result<grid> try_lu_lambdas(const noise_path& path, sigma_steps o) {
  return detail::spread_log_sigmas("lu_lambdas", path, o);
}

inline grid lu_lambdas(const noise_path& path, sigma_steps o) { return try_lu_lambdas(path, o).value(); }

}  // namespace diffode
