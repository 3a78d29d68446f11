// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/beta_quantile.hpp"
#include "diffode/grid/rounding.hpp"
#include "diffode/grid/sigmas.hpp"
#include "diffode/schedule/discrete.hpp"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// The two shape parameters of a beta distribution; below 1 both ends are denser than the middle.
struct beta_shape {
  double a = 0.6, b = 0.6;
};

namespace detail {

inline fault check(std::string_view who, const beta_shape& shape) {
  // Quantiles of narrower and wider shapes take long or leave the range of a double; no grid needs them.
  const auto wrong = [](double v) { return !(v >= 0.01 && v <= 80); };
  if (wrong(shape.a)) return refuse(errc::bad_grid, who, ": a is ", shape.a, ", needs a number from 0.01 to 80");
  if (wrong(shape.b)) return refuse(errc::bad_grid, who, ": b is ", shape.b, ", needs a number from 0.01 to 80");
  return {};
}

}  // namespace detail

/// Sigmas at the quantiles of a beta distribution over sigma_min..sigma_max.
///
/// Source  Lee et al. 2024, arXiv:2407.12173, applied to sigma as in diffusers ("use_beta_sigmas")
/// Units   see sigma_steps; with the default ending, `count` sigmas from sigma_max to sigma_min and then 0
/// Differs from beta_times: there the quantiles are times
/// Errors  refuses count < 1, sigma_min <= 0, sigma_min >= sigma_max, shapes outside [0.01, 80]
inline result<grid> try_beta_sigmas(const noise_path& path, sigma_steps o, beta_shape shape = {}) {
  if (const fault f = detail::check("beta_sigmas", shape)) return *f;
  return detail::spread_sigmas(
      "beta_sigmas", path, o, [=](double high, double low, double left, double gone) {
        return low + (high - low) * detail::beta_quantile(left / (left + gone), shape.a, shape.b);
      });
}

inline grid beta_sigmas(const noise_path& path, sigma_steps o, beta_shape shape = {}) {
  return try_beta_sigmas(path, o, shape).value();
}

/// The levels of a table at the quantiles of a beta distribution over its training steps, each step at most once.
///
/// Source  Lee et al. 2024, arXiv:2407.12173, as in ComfyUI and stable-diffusion.cpp: step
///         round((T - 1) Q(1 - i/count)), i = 0..count-1, half to even
/// Units   labels are training steps; steps that come out equal are taken once, so that there may be fewer than count
/// Errors  refuses count < 1, shapes outside [0.01, 80], and the numbers that the table refuses
inline result<grid> try_beta_times(const discrete& table, int count, beta_shape shape = {},
                                   ending end = ending::zero) {
  constexpr std::string_view who = "beta_times";
  if (const fault f = table.check()) return *f;
  if (count < 1) return detail::refuse(errc::bad_grid, who, ": count is ", count, ", needs at least 1");
  if (count > most_steps) return detail::refuse(errc::bad_grid, who, ": count is ", count, ", needs at most ", most_steps);
  if (const fault f = detail::check(who, shape)) return *f;
  if (const fault f = end.check(who)) return *f;
  const noise_path path = table;
  const int values = end.values(count);
  std::vector<level<>> levels;
  for (int i = 0; i < values; ++i) {
    const double p = 1 - static_cast<double>(i) / values;
    const double step =
        detail::round_half_even(table.range().noisy * detail::beta_quantile(p, shape.a, shape.b));
    if (levels.empty() || levels.back().t != step) levels.push_back(table.at(step));
  }
  return detail::finish(who, path, std::move(levels), end);
}

inline grid beta_times(const discrete& table, int count, beta_shape shape = {}, ending end = ending::zero) {
  return try_beta_times(table, count, shape, end).value();
}

}  // namespace diffode
