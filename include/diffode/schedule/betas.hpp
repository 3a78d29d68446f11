// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <string_view>
#include <vector>

namespace diffode {

/// How the betas of a discrete training process follow from a few numbers; the names are those of
/// `scheduler_config.json`.
enum class beta_rule { linear, scaled_linear, squaredcos_cap_v2, sigmoid, exp, laplace };

/// first, last: beta of index 0 and of index count - 1, for the rules linear, scaled_linear and sigmoid
/// (sigmoid only comes near them); cap: largest beta, for the rules that are given by a curve of abar
struct beta_options {
  beta_rule rule = beta_rule::linear;
  double first = 1e-4, last = 0.02;
  int count = 1000;
  double cap = 0.999;
};

namespace detail {

/// 1 - f(v)/f(u) for the curve f = abar of the rule, 0 <= u < v <= 1, written without the difference of near equals.
inline double beta_between(beta_rule rule, double u, double v) {
  if (rule == beta_rule::exp) return -std::expm1(-12 * (v - u));
  if (rule == beta_rule::squaredcos_cap_v2) {
    const auto angle = [](double w) { return (w + 0.008) / 1.008 * std::numbers::pi / 2; };
    const double gap = (v - u) / 1.008 * std::numbers::pi / 2, c = std::cos(angle(u));
    return std::sin(gap) * std::sin(angle(u) + angle(v)) / (c * c);
  }
  const auto laplace = [](double w) {
    const double sign = w <= 0.5 ? 1 : -1;
    const double snr = std::exp(-0.5 * sign * std::log(1 - 2 * std::abs(0.5 - w) + 1e-6));
    return std::sqrt(snr / (1 + snr));
  };
  return 1 - laplace(v) / laplace(u);
}

inline double beta_at(const beta_options& o, int i) {
  const double done = static_cast<double>(i) / (o.count - 1);
  switch (o.rule) {
  case beta_rule::linear:
    return o.first + (o.last - o.first) * done;
  case beta_rule::scaled_linear: {
    const double root = std::sqrt(o.first) + (std::sqrt(o.last) - std::sqrt(o.first)) * done;
    return root * root;
  }
  case beta_rule::sigmoid:
    return o.first + (o.last - o.first) / (1 + std::exp(6 - 12 * done));
  default: {
    const double n = o.count;
    return std::fmin(beta_between(o.rule, i / n, (i + 1) / n), o.cap);
  }
  }
}

}  // namespace detail

/// The betas of a discrete training process.
///
/// Source  linear: Ho et al. 2020, arXiv:2006.11239, section 4; squaredcos_cap_v2: Nichol, Dhariwal 2021,
///         arXiv:2102.09672, eq. (17) and the cap below it; scaled_linear (linear in the square root), sigmoid, exp
///         and laplace: as the configuration files of published models name them
/// Errors  refuses count < 2, first, last or cap outside (0, 1), last < first
inline result<std::vector<double>> try_betas(beta_options o) {
  using detail::refuse;
  const auto outside = [](double b) { return !(b > 0 && b < 1); };
  const auto wrong = [](std::string_view what, double is) {
    return refuse(errc::bad_schedule, "betas: ", what, " is ", is, ", needs a number above 0 and below 1");
  };
  if (o.count < 2) return refuse(errc::bad_schedule, "betas: count is ", o.count, ", needs at least 2");
  if (o.count > 10'000'000) return refuse(errc::bad_schedule, "betas: count is ", o.count, ", needs at most 10000000");
  if (outside(o.first)) return wrong("first", o.first);
  if (outside(o.last)) return wrong("last", o.last);
  if (outside(o.cap)) return wrong("cap", o.cap);
  if (o.last < o.first)
    return refuse(errc::bad_schedule, "betas: last is ", o.last,
                  ", needs a number not below first = ", o.first);
  std::vector<double> all;
  for (int i = 0; i < o.count; ++i) all.push_back(detail::beta_at(o, i));
  return all;
}

inline std::vector<double> betas(beta_options o) { return try_betas(o).value(); }

}  // namespace diffode
