// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/table.hpp"

#include <cmath>
#include <string_view>
#include <vector>

namespace diffode {

/// pivot   share of the steps in the first stage, and where it bends
/// slope   steepness of the bend, for 40 steps; it falls with their number
/// middle  where the stages meet, as a share of the way from sigma_min to sigma_max
struct bong_tangent_shape {
  double pivot = 0.6, slope = 0.2, middle = 0.5;
};

namespace detail {

/// Entry x of `count` values that fall from 1 to 0 along an arctangent.
inline double arctangent_at(int x, int count, double slope, double pivot) {
  const auto value = [&](double at) { return std::atan(slope * (pivot - at)); };
  return (value(x) - value(count - 1)) / (value(0) - value(count - 1));
}

}  // namespace detail

/// Sigmas along two arctangents: from sigma_max to the middle the steps grow, from there to sigma_min they shrink.
///
/// Source  bong_tangent of RES4LYF, as in stable-diffusion.cpp: with N = count + 2 and M = floor(pivot N), M values of
///         the first stage, bent at M, and N - M of the second, bent at its start; slope 40/N; the value where they
///         meet is there once
/// Units   see sigma_steps; sigma_min may be 0. count + 1 sigmas, the last of which (sigma_min) the ending replaces
/// Differs one step goes from sigma_max, where stable-diffusion.cpp starts from the middle; M is kept between 2 and
///         count, so that both ends and the middle are always there
/// Errors  refuses count < 1, sigma_min < 0, sigma_min >= sigma_max, pivot or middle outside (0, 1), slope <= 0
inline result<grid> try_bong_tangent(const noise_path& path, sigma_steps o, bong_tangent_shape shape = {}) {
  using detail::refuse;
  constexpr std::string_view who = "bong_tangent";
  const auto outside = [](double v) { return !(v > 0 && v < 1); };
  if (outside(shape.pivot))
    return refuse(errc::bad_grid, who, ": pivot is ", shape.pivot, ", needs a number above 0 and below 1");
  if (!(std::isfinite(shape.slope) && shape.slope > 0))
    return refuse(errc::bad_grid, who, ": slope is ", shape.slope, ", needs a finite number above 0");
  if (outside(shape.middle))
    return refuse(errc::bad_grid, who, ": middle is ", shape.middle, ", needs a number above 0 and below 1");
  const result<detail::sigma_ends> ends = detail::check(who, path, o, true);
  if (!ends) return *ends.reason();
  const auto [high, low] = ends.value();
  const double all = o.count + 2.0, slope = shape.slope * 40 / all, middle = low + shape.middle * (high - low);
  const int wished = static_cast<int>(all * shape.pivot);
  const int first = wished < 2 ? 2 : wished > o.count ? o.count : wished, second = o.count + 2 - first;
  std::vector<double> sigmas{high};
  for (int i = 1; i < o.count; ++i)
    sigmas.push_back(i < first - 1 ? middle + (high - middle) * detail::arctangent_at(i, first, slope, first)
                                   : low + (middle - low) * detail::arctangent_at(i - first + 1, second, slope, 0));
  if (o.end.how == ending::kind::keep) sigmas.push_back(low);
  return detail::from_sigma_list(who, path, sigmas, o.end, o.meaning);
}

inline grid bong_tangent(const noise_path& path, sigma_steps o, bong_tangent_shape shape = {}) {
  return try_bong_tangent(path, o, shape).value();
}

}  // namespace diffode
