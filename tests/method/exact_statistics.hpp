// SPDX-License-Identifier: MIT
#pragma once

// Model statistics of one-dimensional data from two normals, without a sample drawn: expectations are integrals over the
// known density, derivatives are taken with complex steps, which do not cancel.

#include "conformance/mixture.hpp"
#include "diffode/core/model_statistics.hpp"
#include "diffode/schedule/noise_path.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

namespace diffode_test {

/// A noise path by lambda alone: vp for alpha^2 + sigma^2 = 1, else alpha = 1. Its time is lambda.
struct by_lambda {
  static constexpr std::string_view name = "by_lambda";
  bool vp = true;

  diffode::level<> at(double t) const { return at_lambda(t); }
  diffode::level<> at_lambda(double lambda) const { return {lambda, alpha(lambda), sigma(lambda), lambda, lambda}; }
  diffode::time_range range() const { return {-HUGE_VAL, HUGE_VAL}; }
  diffode::fault check() const { return {}; }

  template <class Z>
  Z alpha(Z lambda) const {
    return vp ? Z(1) / std::sqrt(Z(1) + std::exp(Z(-2) * lambda)) : Z(1);
  }
  template <class Z>
  Z sigma(Z lambda) const {
    return vp ? Z(1) / std::sqrt(Z(1) + std::exp(Z(2) * lambda)) : std::exp(-lambda);
  }
  /// d log alpha/dlambda
  double drift(double lambda) const { return vp ? sigma(lambda) * sigma(lambda) : 0; }
};

/// Two normals (or one) in one dimension.
inline mixture two_normals(mixture::part first, mixture::part second = {0, 0, 1}) { return {.parts = {first, second, {0, 0, 1}}}; }

struct exact_statistics {
  std::vector<double> lambda, l, s, b;

  /// At steps + 1 equidistant lambdas.
  exact_statistics(const mixture& data, by_lambda path, double from, double to, int steps) : data_(data), path_(path) {
    const double d = (to - from) / steps;
    for (int i = 0; i <= steps; ++i) lambda.push_back(i == steps ? to : from + d * i);
    for (const double at : lambda) {
      l.push_back(0);
      integrate(at, [&](double x, double weight) { l.back() += weight * path_.sigma(at) * slope(x, at, 1, 0); });
    }
    for (std::size_t i = 0; i < lambda.size(); ++i) fit(i);
  }

  diffode::model_statistics table() const { return diffode::model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b}); }

 private:
  /// The least squares line through the slope of f along the flow, over f.
  void fit(std::size_t i) {
    const double at = lambda[i], alpha = path_.alpha(at), sigma = path_.sigma(at);
    const std::size_t before = i == 0 ? 0 : i - 1, after = std::min(i + 1, lambda.size() - 1);
    const double dl = (l[after] - l[before]) / (lambda[after] - lambda[before]);
    double f1 = 0, f2 = 0, g1 = 0, fg = 0;
    integrate(at, [&](double x, double weight) {
      const double e = eps<double>(x, at), f = (sigma * e - l[i] * x) / alpha;
      const double de = slope(x, at, path_.drift(at) * x - sigma * e, 1), g = std::exp(-at) * ((l[i] - 1) * e + de) - dl * x / alpha;
      f1 += weight * f, f2 += weight * f * f, g1 += weight * g, fg += weight * f * g;
    });
    // Of a single normal f is the same everywhere: then there is no line, and the mean slope is all.
    const double variance = f2 - f1 * f1;
    s.push_back(variance > 1e-12 * f2 ? (fg - f1 * g1) / variance : 0);
    b.push_back(g1 - s.back() * f1);
  }

  /// Calls f with places and weights: the trapezoidal rule, which converges faster than any power of its step for
  /// densities of this kind.
  template <class F>
  void integrate(double at, F f) const {
    const double alpha = path_.alpha(at), sigma = path_.sigma(at);
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (const mixture::part& p : data_.parts)
      if (p.weight > 0) {
        const double reach = 9 * std::hypot(alpha * p.deviation, sigma);
        low = std::min(low, alpha * p.mean - reach), high = std::max(high, alpha * p.mean + reach);
      }
    constexpr int points = 400;
    const double d = (high - low) / points;
    for (int k = 0; k <= points; ++k) {
      const double x = low + d * k;
      double density = 0;
      for (const mixture::part& p : data_.parts) {
        const double v = std::hypot(alpha * p.deviation, sigma), off = (x - alpha * p.mean) / v;
        density += p.weight * std::exp(-off * off / 2) / (v * std::sqrt(2 * 3.14159265358979323846));
      }
      f(x, density * d);
    }
  }

  /// The derivative of eps in the direction (dx, dlambda).
  double slope(double x, double at, double dx, double dlambda) const {
    constexpr double h = 1e-30;
    return eps<std::complex<double>>({x, h * dx}, {at, h * dlambda}).imag() / h;
  }

  template <class Z>
  Z eps(Z x, Z at) const {
    const Z alpha = path_.alpha(at), sigma = path_.sigma(at);
    double most = -HUGE_VAL;
    const auto exponent = [&](const mixture::part& p, Z v) { return -(x - alpha * p.mean) * (x - alpha * p.mean) / (Z(2) * v) - std::log(v) / Z(2); };
    const auto variance = [&](const mixture::part& p) { return alpha * alpha * p.deviation * p.deviation + sigma * sigma; };
    for (const mixture::part& p : data_.parts)
      if (p.weight > 0) most = std::max(most, std::real(exponent(p, variance(p))));
    Z shares = 0, sum = 0;
    for (const mixture::part& p : data_.parts) {
      if (p.weight == 0) continue;
      const Z v = variance(p), share = p.weight * std::exp(exponent(p, v) - most);
      shares += share;
      sum += share * sigma * (x - alpha * p.mean) / v;
    }
    return sum / shares;
  }

  mixture data_;
  by_lambda path_;
};

}  // namespace diffode_test
