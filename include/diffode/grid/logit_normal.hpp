// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/normal_quantile.hpp"
#include "diffode/grid/range.hpp"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// mean, deviation         of the normal distribution of -lambda; see logit_normal_mean
/// lambda_min, lambda_max  no level goes beyond them: where the run starts, and what `ending::keep` ends at
struct logit_normal_steps {
  int count = 0;
  double mean = 0, deviation = 1.75, lambda_min = -7.5, lambda_max = 9;
  ending end = ending::zero;
};

/// Levels at the quantiles of a normal distribution of lambda: sigma = 1/(1 + e^-(mean + deviation z)) on rectified
/// flow, z the quantile of 1 - i/count.
///
/// Source  the scheduler of Ideogram 4, as in diffusers and stable-diffusion.cpp, whose logsnr is 2 lambda. Their
///         deviations differ: 1.75 (stable-diffusion.cpp, the default here) and 1.5 (diffusers)
/// Units   lambda in nats
/// Errors  refuses count < 1, a mean that is not finite, deviation <= 0, bounds that are not finite, lambda_max <=
///         lambda_min, and numbers with which several levels come to lie on one bound
inline result<grid> try_logit_normal(const noise_path& path, logit_normal_steps o) {
  using detail::refuse;
  constexpr std::string_view who = "logit_normal";
  if (const fault f = path.check()) return *f;
  if (o.count < 1) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at least 1");
  if (o.count > most_steps) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at most ", most_steps);
  if (!std::isfinite(o.mean)) return refuse(errc::bad_grid, who, ": mean is ", o.mean, ", needs a finite number");
  if (!(std::isfinite(o.deviation) && o.deviation > 0))
    return refuse(errc::bad_grid, who, ": deviation is ", o.deviation, ", needs a finite number above 0");
  if (!std::isfinite(o.lambda_min))
    return refuse(errc::bad_grid, who, ": lambda_min is ", o.lambda_min, ", needs a finite number");
  if (!(std::isfinite(o.lambda_max) && o.lambda_max > o.lambda_min))
    return refuse(errc::bad_grid, who, ": lambda_max is ", o.lambda_max,
                  ", needs a finite number above lambda_min = ", o.lambda_min);
  if (const fault f = o.end.check(who)) return *f;
  std::vector<level<>> levels;
  const int values = o.end.how == ending::kind::keep ? o.count + 1 : o.count;
  for (int i = 0; i < values; ++i) {
    const double lambda = -o.mean - o.deviation * detail::normal_quantile(o.count - i, i);
    levels.push_back(path.at_lambda(std::fmin(std::fmax(lambda, o.lambda_min), o.lambda_max)));
  }
  return detail::finish(who, path, std::move(levels), o.end);
}

inline grid logit_normal(const noise_path& path, logit_normal_steps o) { return try_logit_normal(path, o).value(); }

/// The mean for an image of that many tokens (pixels/256 for Ideogram 4): half the logarithm of how many more they are
/// than `base`.
/// Errors  refuses tokens and a base that are not finite or not above 0
inline result<double> try_logit_normal_mean(double tokens, double base = 1024) {
  using detail::refuse;
  constexpr std::string_view who = "logit_normal_mean";
  const auto wrong = [](double v) { return !(std::isfinite(v) && v > 0); };
  if (wrong(tokens)) return refuse(errc::bad_grid, who, ": tokens is ", tokens, ", needs a finite number above 0");
  if (wrong(base)) return refuse(errc::bad_grid, who, ": base is ", base, ", needs a finite number above 0");
  return std::log(tokens / base) / 2;
}

inline double logit_normal_mean(double tokens, double base = 1024) {
  return try_logit_normal_mean(tokens, base).value();
}

}  // namespace diffode
