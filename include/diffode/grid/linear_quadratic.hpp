// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/table.hpp"

#include <string_view>
#include <vector>

namespace diffode {

/// threshold  share of the way that the first `linear` steps go at even pace; the others speed up as a parabola
/// linear     how many steps that are; 0 means half of count, rounded down
/// sigma_max  where the way starts, as `meaning` says
struct linear_quadratic_steps {
  int count = 0;
  double threshold = 0.025;
  int linear = 0;
  double sigma_max = 1;
  sigma_meaning meaning = sigma_meaning::share;
};

/// Sigmas that first fall slowly and evenly, then as a parabola down to 0: with n = count and L = linear,
/// sigma_i = sigma_max (1 - x_i), x_i = threshold i/L + (1 - threshold n/L) ((i - L)/(n - L))^2, without the square for
/// i < L.
///
/// Source  linear_quadratic_schedule of the reference code of Mochi; LTX-Video and HunyuanVideo use the same rule
/// Units   count steps, count + 1 sigmas from sigma_max to 0
/// Errors  refuses count < 1, linear outside 0..count - 1, a threshold not between 0 and 2 L/(n + L) (beyond it the
///         parabola turns) and below 1, and a sigma_max that is no sigma above 0
inline result<grid> try_linear_quadratic(const noise_path& path, linear_quadratic_steps o) {
  using detail::refuse;
  constexpr std::string_view who = "linear_quadratic";
  if (o.count < 1) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at least 1");
  if (o.count > most_steps) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at most ", most_steps);
  const int linear = o.linear == 0 ? o.count / 2 : o.linear;
  if (linear < 0 || linear >= o.count)
    return refuse(errc::bad_grid, who, ": linear is ", linear, ", needs an integer from 0 to ", o.count - 1);
  const double n = o.count, l = linear, limit = linear == 0 ? 1 : std::fmin(1, 2 * l / (n + l));
  if (!(o.threshold > 0 && o.threshold < limit))
    return refuse(errc::bad_grid, who, ": threshold is ", o.threshold, ", needs a number above 0 and below ", limit);
  if (const fault f = detail::check_sigma(who, "sigma_max", o.sigma_max, o.meaning)) return *f;
  if (o.sigma_max == 0) return refuse(errc::bad_grid, who, ": sigma_max is 0, needs a number above 0");
  const double pace = linear == 0 ? 0 : o.threshold / l;
  std::vector<double> sigmas;
  for (int i = 0; i < o.count; ++i) {
    const double past = i < linear ? 0 : (i - l) / (n - l);
    sigmas.push_back(o.sigma_max * (1 - pace * i - (1 - pace * n) * past * past));
  }
  return detail::from_sigma_list(who, path, sigmas, ending::zero, o.meaning);
}

inline grid linear_quadratic(const noise_path& path, linear_quadratic_steps o) {
  return try_linear_quadratic(path, o).value();
}

}  // namespace diffode
