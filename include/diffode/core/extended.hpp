// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/axis.hpp"
#include "diffode/core/option.hpp"
#include "diffode/core/quadrature.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace diffode {

/// Noise functions f(y) of ER-SDE, y = sigma/alpha: how far a state follows its x0 over a step, f(y_t)/f(y_s), and the share
/// of fresh noise, 1 - (q_t/q_s)^2 with q = f(y)/y. A function of your own is a type with
///
/// Required   `log_ratio(y)`  ln(f(y)/y) for y in [0, +inf], not falling
/// Optional   `check()`       nothing, or why its options are wrong
/// Optional   `silent()`      whether f(y)/y is the same everywhere, so that there is no noise
///
/// Source  Cui et al. 2023, arXiv:2309.06169, appendix A.8, and its authors' code
/// f(y) = y^power: 1 is the probability flow, 2 the reverse SDE, 1 + tau^2 the equation of core/stochastic.hpp; "ODE",
/// "SDE", "SDE_2" (3/2) and "SDE_3" (5/2) of the paper.
struct er_power {
  double power = 2;
  double log_ratio(double y) const { return power == 1 ? 0 : (power - 1) * std::log(y); }
  bool silent() const { return power == 1; }
  fault check() const {
    if (power >= 1 && power <= detail::most_strength) return {};
    return detail::refuse(errc::bad_method, "er_power: power is ", power, ", needs a number from 1 to ", detail::most_strength);
  }
};
/// f(y) = y (e^(-1/y) + 10), "SDE_1".
struct er_saturating {
  double log_ratio(double y) const { return std::log(std::exp(-1 / y) + 10); }
};
/// f(y) = y^0.9 log10(1 + 100 y^1.5), "SDE_4"; f(y)/y rises up to y = 1000 only.
struct er_logarithm {
  double log_ratio(double y) const { return -0.1 * std::log(y) + std::log(std::log1p(100 * std::pow(y, 1.5)) / std::log(10)); }
};
/// f(y) = y (e^(y^0.3) + 10), "SDE_5", the paper's choice.
struct er_stretched {
  double log_ratio(double y) const {
    const double u = std::pow(y, 0.3);
    return u + std::log1p(10 * std::exp(-u));  // without overflow
  }
};

/// eta ln q, which has the limit of all noise renewed from y = +inf, and nothing renewed for eta = 0.
template <class F, coefficient R>
R extended_clock(const F& f, double eta, const level<R>& at) {
  return each([&](double y) { return eta == 0 ? 0 : eta * f.log_ratio(y); }, rho(at));
}

/// I_k = int (y - y_s)^k f(y_t) d(1/f) over a step from s to t, k = 0..2, for f(y) = y q(y)^eta: the moments of the measure that
/// weighs x0. By parts I_k = k int (y - y_s)^(k-1) (1 - f(y_t)/f(y)) dy, of one sign throughout; in lambda, where it is smooth.
///
/// Source  arXiv:2309.06169, ER-SDE-Solver-2 and -3: the factors of the derivatives of x0 are I_1 and I_2/2; there I_1 is written
///         y_t - y_s + f(y_t) int 1/f and I_2/2 likewise, which cancels digits
template <class F, coefficient R>
std::array<R, 3> extended_moments(const F& f, double eta, const level<R>& s, const level<R>& t) {
  std::array<R, 3> I;
  for (int k = 0; k < 3; ++k)
    I[static_cast<std::size_t>(k)] = each(
        [&](double from, double to) {
          const auto clock = [&](double lambda) { return eta == 0 ? 0 : eta * f.log_ratio(std::exp(-lambda)); };
          const double end = clock(to);
          const auto followed = [&](double lambda) { return -std::expm1(lambda - to + end - clock(lambda)); };
          if (k == 0) return followed(from);
          return -k * integrate([&](double l) { return std::pow(std::exp(-l) - std::exp(-from), k - 1) * followed(l) * std::exp(-l); }, from, to);
        },
        s.lambda, t.lambda);
  return I;
}

/// The same moments from left sums of `samples` values of 1/f, as the paper's and the other programs' code has them: each is
/// off by about one part in `samples`, so that the drift falls to order 1 as steps get finer.
template <class F, coefficient R>
std::array<R, 3> sampled_moments(const F& f, double eta, int samples, const level<R>& s, const level<R>& t) {
  std::array<R, 3> I = extended_moments(f, eta, s, t);
  for (int k = 1; k < 3; ++k)
    I[static_cast<std::size_t>(k)] = each(
        [&](double from, double to) {
          const auto log_f = [&](double y) { return std::log(y) + (eta == 0 ? 0 : eta * f.log_ratio(y)); };
          double sum = 0;
          for (int i = 0; i < samples; ++i) {
            const double y = to + (from - to) * i / samples;
            sum += std::pow(y - from, k - 1) * std::exp(log_f(to) - log_f(y));
          }
          return std::pow(to - from, k) + k * sum * (from - to) / samples;
        },
        rho(s), rho(t));
  return I;
}

}  // namespace diffode
