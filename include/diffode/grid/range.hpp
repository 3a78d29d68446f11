// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/ending.hpp"
#include "diffode/grid/grid.hpp"
#include "diffode/schedule/noise_path.hpp"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// Between which times of the schedule to step, and in how many steps. Going from clean to noisy is inversion.
struct time_steps {
  double from, to;
  int count;
  ending end = ending::keep;
};

namespace detail {

/// Nothing, or why `what` = t is no time of the schedule.
inline fault check_time(std::string_view who, std::string_view what, double t, const noise_path& path) {
  const time_range r = path.range();
  const double low = std::fmin(r.clean, r.noisy), high = std::fmax(r.clean, r.noisy);
  if (t >= low && t <= high) return {};
  return refuse(errc::bad_grid, who, ": ", what, " is ", t, ", needs a time of ", path.name, ", from ", low,
                " to ", high);
}

}  // namespace detail

/// Nothing, or why these steps can not be taken on this schedule.
inline fault check(std::string_view who, const noise_path& path, const time_steps& o) {
  using detail::refuse;
  if (const fault f = path.check()) return f;
  if (o.count < 1) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at least 1");
  if (o.count > most_steps) return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs at most ", most_steps);
  if (const fault f = detail::check_time(who, "from", o.from, path)) return f;
  if (const fault f = detail::check_time(who, "to", o.to, path)) return f;
  if (o.from == o.to) return refuse(errc::bad_grid, who, ": to is ", o.to, ", needs to differ from `from`");
  return o.end.check(who);
}

namespace detail {

inline fault check_finite_lambda(std::string_view who, const level<>& from, const level<>& to) {
  if (!std::isfinite(from.lambda))
    return refuse(errc::bad_grid, who, ": from is ", from.t, ", where lambda is ", from.lambda,
                  ", needs a time with alpha and sigma above 0");
  if (!std::isfinite(to.lambda))
    return refuse(errc::bad_grid, who, ": to is ", to.t, ", where lambda is ", to.lambda,
                  ", needs a time with alpha and sigma above 0");
  return {};
}

/// Appends what `end` says to the levels of a rule and makes the grid. `at_sigma` is the level of a sigma.
template <class F>
result<grid> finish(std::string_view who, const noise_path& path, std::vector<level<>> levels, ending end,
                    F at_sigma) {
  if (end.how == ending::kind::keep) return grid::make(who, path, std::move(levels));
  const level<> last = end.how == ending::kind::repeat ? levels.back() : at_sigma(end.sigma);
  const bool repeated = last.lambda == levels.back().lambda && end.how != ending::kind::zero;
  // Only the ending may repeat: what comes before it is held to the strict rule first.
  if (repeated && levels.size() > 1)
    if (const result<grid> strict = grid::make(who, path, levels); !strict) return *strict.reason();
  levels.push_back(last);
  return grid::make(who, path, std::move(levels), repeated ? repeats::allowed : repeats::refused);
}

/// The level with sigma/alpha = rho; rho = 0 is clean data, where a table tells the model time 0.
inline level<> at_ratio(const noise_path& path, double rho) { return path.at_lambda(-std::log(rho)); }

/// The same for rules whose endings are in sigma/alpha. One instantiation for all of them.
inline result<grid> finish(std::string_view who, const noise_path& path, std::vector<level<>> levels, ending end) {
  return finish(who, path, std::move(levels), end, [&](double sigma) { return at_ratio(path, sigma); });
}

/// The grid whose points go from `from` to `to`, both exact; `between(left, gone)` is the level at the point with
/// `gone` of left + gone intervals behind it. Counts are integers throughout: nothing accumulates.
template <class F>
result<grid> spread(std::string_view who, const noise_path& path, const level<>& from, const level<>& to,
                    int count, ending end, F between) {
  const int values = end.values(count);
  std::vector<level<>> levels{from};
  for (int i = 1; i + 1 < values; ++i)
    levels.push_back(between(static_cast<double>(values - 1 - i), static_cast<double>(i)));
  if (values > 1) levels.push_back(to);
  return finish(who, path, std::move(levels), end);
}

/// The point of a..b with `gone` of left + gone intervals behind it: one rounding, none where the result is an integer.
inline double mix(double a, double b, double left, double gone) {
  return (a * left + b * gone) / (left + gone);
}

}  // namespace detail

}  // namespace diffode
