// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/schedule/betas.hpp"
#include "diffode/schedule/vp_level.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// What is linear in the index between two entries of a table.
///   log_rho    ln(sigma/alpha), as in k-diffusion; times end at the ends of the table
///   log_alpha  ln alpha, as in dpm-solver; its time (index + 1)/N; the outermost pieces go on beyond the ends
///   rho        sigma/alpha, as in diffusers; times end at the ends of the table
enum class interpolation { log_rho, log_alpha, rho };

/// A table of noise levels, one for each training step, and a rule for the times between them.
///
/// Source  Ho et al. 2020, arXiv:2006.11239, section 2 (the table); interpolation: see the enum
/// Units   t: index of the training step, fractions allowed, 0 (nearly clean) .. T - 1; alpha^2 + sigma^2 = 1
/// Made by discrete_from, discrete_from_betas, discrete_from_abar; zero_snr and clipped change one
/// Ends    A time beyond the table is moved to its end (log_rho, rho) or extrapolated (log_alpha, down to alpha = 1).
///         at_lambda always has exactly the lambda it was asked for; only its t ends with the table. lambda = +inf is
///         clean data, at t = 0.
///         The last entry may be alpha = 0; on the piece before it alpha is linear in t, whatever the rule
/// Errors  refuses fewer than two entries, and entries that are not finite, not below 0 or not strictly falling
struct discrete {
  /// ln alpha of each training step; the last one may be -inf.
  std::vector<double> log_alpha;
  interpolation between = interpolation::log_rho;

  static constexpr std::string_view name = "discrete";

  level<> at(double t) const {
    if (between != interpolation::log_alpha) t = t < 0 ? 0 : t > last() ? last() : t;
    const auto [j, w] = piece_at(t);
    if (w == 0) return node(t, j);
    if (w == 1) return node(t, j + 1);
    if (vanishes_after(j)) return detail::vp_from_log_alpha(t, log_alpha[j] + std::log1p(-std::fmin(w, 1)));
    const double mix = (1 - w) * quantity(node(t, j)) + w * quantity(node(t, j + 1));
    if (between == interpolation::log_alpha) return detail::vp_from_log_alpha(t, std::fmin(mix, 0));
    return detail::vp_from_lambda(t, between == interpolation::rho ? -std::log(mix) : mix);
  }

  level<> at_lambda(double lambda) const {
    level<> l = detail::vp_from_lambda(0, lambda);
    if (l.sigma == 0) return l;
    const double here = -0.5 * detail::vp_fall(lambda);
    const std::size_t j = piece_of(here);
    const level<> from = node(0, j), to = node(0, j + 1);
    double w = (quantity(l) - quantity(from)) / (quantity(to) - quantity(from));
    if (vanishes_after(j)) w = -std::expm1(here - log_alpha[j]);
    if (between != interpolation::log_alpha) w = w < 0 ? 0 : w > 1 ? 1 : w;
    l.t = l.label = static_cast<double>(j) + w;
    return l;
  }

  time_range range() const {
    if (between != interpolation::log_alpha || vanishes_after(0)) return {0, last()};
    // Before index 0 the first piece goes on, at most for one index and not beyond alpha = 1.
    return {std::fmax(-1, log_alpha[0] / (log_alpha[0] - log_alpha[1])), last()};
  }

  fault check() const {
    using detail::refuse;
    const std::size_t n = log_alpha.size();
    if (n < 2) return refuse(errc::bad_schedule, name, ": number of entries is ", n, ", needs at least 2");
    for (std::size_t i = 0; i < n; ++i) {
      const double before = i == 0 ? 0 : log_alpha[i - 1], here = log_alpha[i];
      if (!(here < before) || (i + 1 < n && std::isinf(here)))
        return refuse(errc::bad_schedule, name, ": ln alpha of entry ", i, " is ", here, ", needs a ",
                      i + 1 < n ? "finite " : "", "number below ", before,
                      i == 0 ? "" : " (that of the entry before)");
    }
    return {};
  }

 private:
  struct piece {
    std::size_t j;
    double w;
  };

  double last() const { return static_cast<double>(log_alpha.size() - 1); }
  level<> node(double t, std::size_t j) const { return detail::vp_from_log_alpha(t, log_alpha[j]); }
  bool vanishes_after(std::size_t j) const { return std::isinf(log_alpha[j + 1]); }

  /// What the rule interpolates.
  double quantity(const level<>& l) const {
    if (between == interpolation::log_rho) return l.lambda;
    if (between == interpolation::rho) return std::exp(-l.lambda);
    return -0.5 * detail::vp_fall(l.lambda);
  }

  piece piece_at(double t) const {
    const double end = last() - 1, j = t >= end ? end : t > 0 ? std::floor(t) : 0;
    return {static_cast<std::size_t>(j), t - j};
  }

  /// The piece with this ln alpha in it, or the outermost one on its side.
  std::size_t piece_of(double here) const {
    std::size_t low = 0, high = log_alpha.size() - 1;
    while (high - low > 1) {
      const std::size_t middle = low + (high - low) / 2;
      (log_alpha[middle] >= here ? low : high) = middle;
    }
    return low;
  }
};

static_assert(noise_schedule<discrete>);

/// The table of trained betas: abar_n is the product of 1 - beta_k for k = 0..n, alpha_n its square root.
/// Errors  refuses fewer than two betas and betas outside (0, 1)
inline result<discrete> try_discrete_from_betas(std::span<const double> betas,
                                                interpolation between = interpolation::log_rho) {
  using detail::refuse;
  if (betas.size() < 2)
    return refuse(errc::bad_schedule, "discrete: number of betas is ", betas.size(), ", needs at least 2");
  discrete table{{}, between};
  double log_abar = 0;
  for (std::size_t i = 0; i < betas.size(); ++i) {
    if (!(betas[i] > 0 && betas[i] < 1))
      return refuse(errc::bad_schedule, "discrete: beta ", i, " is ", betas[i],
                    ", needs a number above 0 and below 1");
    // A sum of log1p instead of a product keeps every digit of 1 - abar at the clean end.
    log_abar += std::log1p(-betas[i]);
    table.log_alpha.push_back(0.5 * log_abar);
  }
  return table;
}

inline discrete discrete_from_betas(std::span<const double> betas,
                                    interpolation between = interpolation::log_rho) {
  return try_discrete_from_betas(betas, between).value();
}

/// The table of a named beta rule.
/// Errors  those of `betas`
inline result<discrete> try_discrete_from(beta_options o, interpolation between = interpolation::log_rho) {
  const result<std::vector<double>> all = try_betas(o);
  if (!all) return *all.reason();
  return try_discrete_from_betas(all.value(), between);
}

inline discrete discrete_from(beta_options o, interpolation between = interpolation::log_rho) {
  return try_discrete_from(o, between).value();
}

/// The table with these values of abar = alpha^2 ("alphas_cumprod"); the last one may be 0.
/// Errors  refuses fewer than two values, values outside (0, 1) and values that do not strictly fall
inline result<discrete> try_discrete_from_abar(std::span<const double> abar,
                                               interpolation between = interpolation::log_rho) {
  using detail::refuse;
  if (abar.size() < 2)
    return refuse(errc::bad_schedule, "discrete: number of abar is ", abar.size(), ", needs at least 2");
  discrete table{{}, between};
  for (std::size_t i = 0; i < abar.size(); ++i) {
    const double before = i == 0 ? 1 : abar[i - 1];
    const bool may_vanish = i + 1 == abar.size();
    if (!(abar[i] < before && (abar[i] > 0 || (may_vanish && abar[i] == 0))))
      return refuse(errc::bad_schedule, "discrete: abar ", i, " is ", abar[i], ", needs a number ",
                    may_vanish ? "not below 0" : "above 0", " and below ", before,
                    i == 0 ? "" : " (the one before)");
    table.log_alpha.push_back(0.5 * std::log(abar[i]));
  }
  return table;
}

inline discrete discrete_from_abar(std::span<const double> abar,
                                   interpolation between = interpolation::log_rho) {
  return try_discrete_from_abar(abar, between).value();
}

}  // namespace diffode
