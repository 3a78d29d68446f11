// SPDX-License-Identifier: MIT
#pragma once

#include <cassert>
#include <cmath>

namespace diffode::detail {

// sum_n x^n (a+b)(a+b+1).../((a+1)(a+2)...), so that I_x(a, b) = x^a (1-x)^b/(a B(a, b)) times it. All terms are
// positive: nothing cancels (NIST Digital Library of Mathematical Functions, eq. 8.17.8).
inline double beta_series(double x, double a, double b) {
  double term = 1, sum = 1;
  for (double n = 0; term > 1e-17 * sum; ++n) sum += term *= x * (a + b + n) / (a + 1 + n);
  return sum;
}

// The x at most `highest` with I_x(a, b) = p, by Newton's method for log I as a function of log x. That function is
// convex for b < 1, concave for b > 1, and the first term of the series starts it on the side from which it does not
// overshoot.
inline double beta_quantile_lower(double p, double a, double b, double a_beta, double highest) {
  double x = std::fmin(std::pow(p * a_beta, 1 / a), highest);
  for (int turn = 0; turn < 100 && x > 0; ++turn) {
    const double series = beta_series(x, a, b);
    const double reached = std::pow(x, a) * std::pow(1 - x, b) / a_beta * series;
    const double step = std::log(reached / p) * (1 - x) * series / a;
    x = std::fmin(x * std::exp(-step), highest);
    if (std::abs(step) < 1e-15) break;
  }
  return x;
}

/// The x with I_x(a, b) = p: quantile of the Beta(a, b) distribution, inverse of the regularised incomplete beta
/// function.
///
/// Range  p in [0, 1], 0 to 0 and 1 to 1;  a, b > 0 and a + b < 170
/// Error  relative, of x and of 1 - x as far as a double can hold it: below 1e-14 for a and b from 0.3 to 30
inline double beta_quantile(double p, double a, double b) {
  assert(p >= 0 && p <= 1 && a > 0 && b > 0 && a + b < 170);
  if (p == 0 || p == 1) return p;
  const double beta = std::tgamma(a) * std::tgamma(b) / std::tgamma(a + b);
  // The series converges well below the mean; above it, the upper tail is the lower one of Beta(b, a).
  const double middle = a / (a + b);
  const double below = std::pow(middle, a) * std::pow(1 - middle, b) / (a * beta) * beta_series(middle, a, b);
  if (p <= below) return beta_quantile_lower(p, a, b, a * beta, middle);
  return 1 - beta_quantile_lower(1 - p, b, a, b * beta, 1 - middle);
}

}  // namespace diffode::detail
