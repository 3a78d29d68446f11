// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"
#include "diffode/schedule/edm_vp.hpp"

#include <cmath>
#include <string_view>

namespace diffode {

/// t_min: time of sigma_min, where sigma_max is at time 1; exponent: steps are equidistant in t^(1/exponent)
struct vp_times {
  double t_min = 1e-3, exponent = 1;
};

/// The sigmas that a process with linear beta(t) has at its times, fitted to go from sigma_max to sigma_min:
/// sigma = sqrt(exp(slope t^2/2 + start t) - 1).
///
/// Source  Karras et al. 2022, arXiv:2206.00364, table 1, column "VP", as edm_vp_through fits it to the two ends
/// Units   see sigma_steps; on the path of `vp_linear` itself this is uniform_time
/// Errors  refuses count < 1, sigma_min <= 0, sigma_min >= sigma_max, t_min outside (0, 1), an exponent that is not
///         finite or not above 0
inline result<grid> try_vp_sigmas(const noise_path& path, sigma_steps o, vp_times times = {}) {
  using detail::refuse;
  constexpr std::string_view who = "vp_sigmas";
  if (!(times.t_min > 0 && times.t_min < 1))
    return refuse(errc::bad_grid, who, ": t_min is ", times.t_min, ", needs a number above 0 and below 1");
  if (!(std::isfinite(times.exponent) && times.exponent > 0))
    return refuse(errc::bad_grid, who, ": exponent is ", times.exponent, ", needs a finite number above 0");
  return detail::spread_sigmas(who, path, o, [=](double high, double low, double left, double gone) {
    const double root = detail::mix(1, std::pow(times.t_min, 1 / times.exponent), left, gone);
    const double t = std::pow(root, times.exponent);
    return edm_vp_through({.sigma_min = low, .sigma_max = high, .t_min = times.t_min}).at(t).sigma;
  });
}

inline grid vp_sigmas(const noise_path& path, sigma_steps o, vp_times times = {}) {
  return try_vp_sigmas(path, o, times).value();
}

}  // namespace diffode
