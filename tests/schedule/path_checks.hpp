// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "diffode/concept/noise_schedule.hpp"

#include <cmath>
#include <limits>
#include <string>

namespace diffode_test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

inline std::string message(const diffode::fault& f) { return f ? f->what() : "no fault"; }

template <class T> std::string message(const diffode::result<T>& r) { return message(r.reason()); }

/// |a - b| relative to max(|b|, floor); equal infinities differ by 0.
inline double off(double a, double b, double floor = 1e-300) {
  return a == b ? 0 : std::abs(a - b) / std::fmax(std::abs(b), floor);
}

/// Largest |at_lambda(at(t).lambda).t - t| over 4001 times, in units of the range.
template <diffode::noise_schedule S> double worst_inverse(const S& s, double from, double to) {
  double worst = 0;
  for (int i = 0; i <= 4000; ++i) {
    const double t = from + (to - from) * i / 4000;
    worst = std::fmax(worst, std::abs(s.at_lambda(s.at(t).lambda).t - t) / std::abs(to - from));
  }
  return worst;
}

/// Largest relative difference between at(t) and at_lambda(at(t).lambda) in alpha and in sigma.
template <diffode::noise_schedule S> double worst_level(const S& s, double from, double to) {
  double worst = 0;
  for (int i = 0; i <= 4000; ++i) {
    const diffode::level<> a = s.at(from + (to - from) * i / 4000), b = s.at_lambda(a.lambda);
    worst = std::fmax(worst, std::fmax(off(b.alpha, a.alpha), off(b.sigma, a.sigma)));
  }
  return worst;
}

template <diffode::noise_schedule S> double worst_norm(const S& s, double from, double to) {
  double worst = 0;
  for (int i = 0; i <= 4000; ++i) {
    const diffode::level<> l = s.at(from + (to - from) * i / 4000);
    worst = std::fmax(worst, std::abs(l.alpha * l.alpha + l.sigma * l.sigma - 1));
  }
  return worst;
}

/// lambda falls strictly from clean to noisy, and lambda = log(alpha/sigma).
template <diffode::noise_schedule S> void check_lambda(const S& s) {
  const diffode::time_range r = s.range();
  double before = infinity, worst = 0;
  bool falls = true;
  for (int i = 0; i <= 2000; ++i) {
    const double w = i / 2000.0;
    const diffode::level<> l = s.at(r.clean * (1 - w) + r.noisy * w);
    falls = falls && (l.lambda < before || i == 0);
    before = l.lambda;
    if (std::isfinite(l.lambda)) worst = std::fmax(worst, std::abs(l.lambda - std::log(l.alpha / l.sigma)));
  }
  CHECK(falls);
  CHECK(worst < 1e-14);  // two logarithms of size up to 10, each rounded once, and the division
}

/// lambda = +inf is clean data exactly.
template <diffode::noise_schedule S> void check_clean_end(const S& s) {
  const diffode::level<> l = s.at_lambda(infinity);
  CHECK(l.alpha == 1);
  CHECK(l.sigma == 0);
  CHECK(l.lambda == infinity);
  CHECK(l.t == 0);
  CHECK(l.label == 0);
}

}  // namespace diffode_test
