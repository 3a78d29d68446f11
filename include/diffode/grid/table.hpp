// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/sigmas.hpp"

#include <span>
#include <string_view>

namespace diffode {

namespace detail {

/// The levels at the given numbers, each first checked and then looked up, followed by the ending.
template <class Check, class At, class AtSigma>
result<grid> from_list(std::string_view who, std::string_view what, const noise_path& path,
                       std::span<const double> list, ending end, Check check, At at, AtSigma at_sigma) {
  if (const fault f = path.check()) return *f;
  if (list.empty()) return refuse(errc::bad_grid, who, ": number of ", what, "s is 0, needs at least 1");
  if (list.size() == 1 && end.how == ending::kind::keep)
    return refuse(errc::bad_grid, who, ": number of ", what,
                  "s is 1, needs at least 2 (one step), or an ending");
  std::vector<level<>> levels;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (const fault f = check(text(what, " ", i), list[i])) return *f;
    levels.push_back(at(list[i]));
  }
  if (const fault f = end.check(who)) return *f;
  return finish(who, path, std::move(levels), end, at_sigma);
}

inline result<grid> from_sigma_list(std::string_view who, const noise_path& path,
                                    std::span<const double> sigmas, ending end, sigma_meaning meaning) {
  const auto at = [&](double sigma) { return path.at_lambda(lambda_of(sigma, meaning)); };
  const auto check = [&](std::string_view what, double sigma) {
    return check_sigma(who, what, sigma, meaning);
  };
  if (end.how == ending::kind::sigma)
    if (const fault f = check("ending", end.sigma)) return *f;
  return from_list(who, "sigma", path, sigmas, end, check, at, at);
}

}  // namespace detail

/// Your own list of times.
///
/// Units   times of the schedule, noisy to clean (or clean to noisy: inversion);  ending: by default none
/// Errors  refuses an empty list, one time without an ending, times outside the schedule, and times that repeat or turn
inline result<grid> try_from_times(const noise_path& path, std::span<const double> times,
                                   ending end = ending::keep) {
  const auto check = [&](std::string_view what, double t) {
    return detail::check_time("from_times", what, t, path);
  };
  return detail::from_list(
      "from_times", "time", path, times, end, check, [&](double t) { return path.at(t); },
      [&](double sigma) { return detail::at_ratio(path, sigma); });
}

inline grid from_times(const noise_path& path, std::span<const double> times, ending end = ending::keep) {
  return try_from_times(path, times, end).value();
}

/// Your own list of sigmas in the sense sigma/alpha: k-diffusion, EDM, sigmas of a VP table. 0 is clean data.
///
/// Units   rho = sigma/alpha, in any order that does not turn;  ending: by default none (the list says where it ends)
/// Errors  refuses an empty list, one sigma without an ending, sigmas that are not finite or below 0, and sigmas that
///         repeat or turn
inline result<grid> try_from_sigmas(const noise_path& path, std::span<const double> sigmas,
                                    ending end = ending::keep) {
  return detail::from_sigma_list("from_sigmas", path, sigmas, end, sigma_meaning::ratio);
}

inline grid from_sigmas(const noise_path& path, std::span<const double> sigmas, ending end = ending::keep) {
  return try_from_sigmas(path, sigmas, end).value();
}

/// Your own list of sigmas of rectified flow: alpha = 1 - sigma. 1 is pure noise, 0 clean data.
///
/// Errors  those of from_sigmas; refuses sigmas above 1
inline result<grid> try_from_flow_sigmas(const noise_path& path, std::span<const double> sigmas,
                                         ending end = ending::keep) {
  return detail::from_sigma_list("from_flow_sigmas", path, sigmas, end, sigma_meaning::share);
}

inline grid from_flow_sigmas(const noise_path& path, std::span<const double> sigmas,
                             ending end = ending::keep) {
  return try_from_flow_sigmas(path, sigmas, end).value();
}

/// Your own list of levels, each with the label that you want the model to be told.
///
/// Errors  those of grid::make: fewer than two, not finite, not on `path`, repeating or turning
inline result<grid> try_from_levels(const noise_path& path, std::span<const level<>> levels,
                                    repeats rule = repeats::refused) {
  return grid::make("from_levels", path, std::vector<level<>>(levels.begin(), levels.end()), rule);
}

inline grid from_levels(const noise_path& path, std::span<const level<>> levels,
                        repeats rule = repeats::refused) {
  return try_from_levels(path, levels, rule).value();
}

}  // namespace diffode
