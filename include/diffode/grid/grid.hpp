// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/noise_path.hpp"

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// The most steps that a rule makes. No run has as many; a count beyond it is a mistake that would take all memory.
inline constexpr int most_steps = 1'000'000;

/// Whether two neighbouring levels may be the same. Some pipelines repeat the last level (a step of length zero that
/// leaves the state as it is); everywhere else a repeat is a mistake.
enum class repeats { refused, allowed };

/// The levels that a run visits, in order, on one noise path.
///
/// Shapes  count + 1 levels for count steps; lambda strictly rises (from noise to data) or strictly falls (inversion)
/// Made by the grid rules (uniform_lambda, karras, spaced, ...) or from your own list (table.hpp)
class grid {
 public:
  /// Errors  refuses fewer than two levels, numbers that are not finite, alpha or sigma below 0, levels that do not
  ///         move strictly in one direction, and levels that are not on `path`
  static result<grid> make(std::string_view who, noise_path path, std::vector<level<>> levels,
                           repeats rule = repeats::refused);

  std::size_t steps() const { return levels_.size() - 1; }
  std::size_t size() const { return levels_.size(); }
  const level<>& operator[](std::size_t i) const { return levels_[i]; }
  const level<>& front() const { return levels_.front(); }
  const level<>& back() const { return levels_.back(); }
  auto begin() const { return levels_.begin(); }
  auto end() const { return levels_.end(); }
  const noise_path& path() const { return path_; }
  /// Whether the run goes from noise to data.
  bool denoises() const { return front().lambda <= back().lambda; }

 private:
  grid(noise_path path, std::vector<level<>> levels) : path_(std::move(path)), levels_(std::move(levels)) {}
  noise_path path_;
  std::vector<level<>> levels_;
};

namespace detail {

inline fault check_level(std::string_view who, std::size_t i, const level<>& l, const noise_path& path) {
  const auto wrong = [&](std::string_view what, double is, std::string_view needs) {
    return refuse(errc::bad_grid, who, ": level ", i, " has ", what, " ", is, ", needs ", needs);
  };
  if (!std::isfinite(l.t)) return wrong("t", l.t, "a finite number");
  if (!std::isfinite(l.label)) return wrong("label", l.label, "a finite number");
  if (!(std::isfinite(l.alpha) && l.alpha >= 0))
    return wrong("alpha", l.alpha, "a finite number not below 0");
  if (!(std::isfinite(l.sigma) && l.sigma >= 0))
    return wrong("sigma", l.sigma, "a finite number not below 0");
  if (l.alpha == 0 && l.sigma == 0) return wrong("alpha and sigma", 0, "one of them above 0");
  if (std::isnan(l.lambda)) return wrong("lambda", l.lambda, "log(alpha/sigma)");
  // A level computed by another route agrees to rounding; one from another schedule is off in the leading digits.
  const level<> here = path.at_lambda(l.lambda);
  const double off = std::abs(here.alpha - l.alpha) + std::abs(here.sigma - l.sigma);
  if (!(off <= 1e-6 * (l.alpha + l.sigma)))
    return refuse(errc::bad_grid, who, ": level ", i, " has alpha ", l.alpha, " and sigma ", l.sigma,
                  ", needs ", here.alpha, " and ", here.sigma, ", the point of schedule ", path.name,
                  " at its lambda ", l.lambda);
  return {};
}

}  // namespace detail

inline result<grid> grid::make(std::string_view who, noise_path path, std::vector<level<>> levels,
                               repeats rule) {
  using detail::refuse;
  if (const fault f = path.check()) return *f;
  if (levels.size() < 2)
    return refuse(errc::bad_grid, who, ": number of levels is ", levels.size(),
                  ", needs at least 2 (one step)");
  for (std::size_t i = 0; i < levels.size(); ++i)
    if (const fault f = detail::check_level(who, i, levels[i], path)) return *f;
  const bool rising = levels.front().lambda <= levels.back().lambda;
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const double before = levels[i - 1].lambda, here = levels[i].lambda;
    if (before == here && rule == repeats::allowed) continue;
    if (rising ? !(before < here) : !(before > here))
      return refuse(errc::bad_grid, who, ": lambda of level ", i, " is ", here, ", needs to be ",
                    rising ? "above " : "below ", before, " (that of level ", i - 1,
                    "): levels must not repeat or turn");
  }
  return grid(std::move(path), std::move(levels));
}

}  // namespace diffode
