// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "diffode/grid/grid.hpp"
#include "diffode/schedule/discrete.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace diffode_test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
inline constexpr int small_counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 1000};

template <class T> std::string message(const diffode::result<T>& r) {
  return r.reason() ? r.reason()->what() : "no fault";
}

/// The table of Stable Diffusion.
inline diffode::discrete table(diffode::interpolation between = diffode::interpolation::log_rho) {
  return diffode::discrete_from({.rule = diffode::beta_rule::scaled_linear, .first = 0.00085, .last = 0.012},
                                between);
}

using column = std::vector<double>;

inline column times(const diffode::grid& g) {
  column c;
  for (const auto& l : g) c.push_back(l.t);
  return c;
}

inline column rhos(const diffode::grid& g) {
  column c;
  for (const auto& l : g) c.push_back(rho(l));
  return c;
}

inline column sigmas(const diffode::grid& g) {
  column c;
  for (const auto& l : g) c.push_back(l.sigma);
  return c;
}

inline column labels(const diffode::grid& g) {
  column c;
  for (const auto& l : g) c.push_back(l.label);
  return c;
}

/// Largest difference relative to max(|b|, 1e-3), or infinity for columns of unequal length.
inline double off(const column& a, const column& b) {
  if (a.size() != b.size()) return infinity;
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) worst = std::fmax(worst, std::abs(a[i] - b[i]) / std::fmax(std::abs(b[i]), 1e-3));
  return worst;
}

inline double off(double a, double b) { return off(column{a}, column{b}); }

/// rule(count) gives `count` steps for n = 1..8 and 1000, from the level with `first` lambda to that with `last`.
template <class Rule> void check_counts(Rule rule, double first, double last) {
  for (const int n : small_counts) {
    const diffode::grid g = rule(n);
    CHECK(g.steps() == static_cast<std::size_t>(n));
    CHECK(g.front().lambda == first);
    CHECK(g.back().lambda == last);
  }
}

}  // namespace diffode_test
