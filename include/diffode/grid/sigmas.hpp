// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"

#include <cmath>
#include <optional>
#include <string_view>

namespace diffode {

/// What a number called "sigma" means.
///   ratio  rho = sigma/alpha, in k-diffusion, EDM and for tables in diffusers
///   share  sigma/(alpha + sigma), from 0 to 1: the sigma of rectified flow
enum class sigma_meaning { ratio, share };

/// From which sigma to which, and in how many steps.
///
/// Units   sigma_max, sigma_min: as `meaning` says; left out, those at the noisy and the clean end of the schedule
/// count   number of steps; see `ending` for the number of sigmas
struct sigma_steps {
  std::optional<double> sigma_max = {}, sigma_min = {};
  int count = 0;
  ending end = ending::zero;
  sigma_meaning meaning = sigma_meaning::ratio;
};

namespace detail {

/// lambda of a sigma: -ln rho, or ln((1 - s)/s).
inline double lambda_of(double sigma, sigma_meaning meaning) {
  return meaning == sigma_meaning::ratio ? -std::log(sigma) : std::log1p(-sigma) - std::log(sigma);
}

inline double sigma_of(const level<>& l, sigma_meaning meaning) {
  return meaning == sigma_meaning::ratio ? rho(l) : l.sigma / (l.alpha + l.sigma);
}

/// Nothing, or why `what` = sigma can not be a noise level.
inline fault check_sigma(std::string_view who, std::string_view what, double sigma, sigma_meaning meaning) {
  const bool ratio = meaning == sigma_meaning::ratio;
  if (std::isfinite(sigma) && sigma >= 0 && (ratio || sigma <= 1)) return {};
  return refuse(errc::bad_grid, who, ": ", what, " is ", sigma,
                ratio ? ", needs a finite number not below 0" : ", needs a number from 0 to 1");
}

struct sigma_ends {
  double high, low;
};

/// The ends of a sigma rule on this path, or why it can not be asked for. `may_end_clean`: whether sigma_min may be 0.
inline result<sigma_ends> check(std::string_view who, const noise_path& path, const sigma_steps& o,
                                bool may_end_clean = false) {
  if (const fault f = path.check()) return *f;
  if (o.count < 1) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at least 1");
  if (o.count > most_steps) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at most ", most_steps);
  const double high = o.sigma_max ? *o.sigma_max : sigma_of(path.at(path.range().noisy), o.meaning);
  const double low = o.sigma_min ? *o.sigma_min : sigma_of(path.at(path.range().clean), o.meaning);
  if (!o.sigma_max && !std::isfinite(high))
    return refuse(errc::bad_grid, who, ": sigma_max is left out, and ", path.name, " goes up to ", high, ", needs one given");
  if (!o.sigma_min && !(low > 0) && !may_end_clean)
    return refuse(errc::bad_grid, who, ": sigma_min is left out, and ", path.name, " goes down to ", low, ", needs one given, above 0");
  if (const fault f = check_sigma(who, "sigma_max", high, o.meaning)) return *f;
  if (const fault f = check_sigma(who, "sigma_min", low, o.meaning)) return *f;
  if (!(low > 0) && !may_end_clean)
    return refuse(errc::bad_grid, who, ": sigma_min is ", low, ", needs a number above 0");
  if (!(low < high))
    return refuse(errc::bad_grid, who, ": sigma_min is ", low, ", needs a number below sigma_max = ", high);
  if (const fault f = o.end.check(who)) return *f;
  if (o.end.how == ending::kind::sigma)
    if (const fault f = check_sigma(who, "ending", o.end.sigma, o.meaning)) return *f;
  return sigma_ends{high, low};
}

/// The grid whose sigmas are `rule(sigma_max, sigma_min, left, gone)` between its exact ends.
template <class F>
result<grid> spread_sigmas(std::string_view who, const noise_path& path, const sigma_steps& o, F rule) {
  const result<sigma_ends> ends = check(who, path, o);
  if (!ends) return *ends.reason();
  const auto [high, low] = ends.value();
  const auto at = [&](double sigma) { return path.at_lambda(lambda_of(sigma, o.meaning)); };
  const int values = o.end.values(o.count);
  std::vector<level<>> levels{at(high)};
  for (int i = 1; i + 1 < values; ++i)
    levels.push_back(at(rule(high, low, static_cast<double>(values - 1 - i), static_cast<double>(i))));
  if (values > 1) levels.push_back(at(low));
  return finish(who, path, std::move(levels), o.end, at);
}

}  // namespace detail

}  // namespace diffode
