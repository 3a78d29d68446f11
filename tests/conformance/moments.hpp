// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/families.hpp"
#include "conformance/invariants.hpp"
#include "conformance/mixture.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"
#include "diffode/noise/recorded_noise.hpp"

#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace diffode_test {

/// One normal as data, and its perfect model: linear in x.
struct normal {
  double mean = 0.8, deviation = 0.3;

  double variance(const diffode::level<>& l) const { return std::pow(l.alpha * deviation, 2) + l.sigma * l.sigma; }
  truth at(double x, const diffode::level<>& l) const {
    const double off = (x - l.alpha * mean) / variance(l);
    return {mean + l.alpha * deviation * deviation * off, l.sigma * off};
  }
};

template <class Data>
answer_to<double> perfect(told what, const Data& data = {}) {
  return [=](const diffode::request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = returned(what, data.at(call.x[i], call.at), call.at);
  };
}

/// Runs a plan on noise that is given: streams x size of x.
inline std::vector<double> run_with(const diffode::plan& made, std::vector<double> x, const std::vector<double>& noise, const answer_to<double>& net) {
  diffode::sampler<double, diffode::recorded_noise<double>> s(made, x, {}, {noise, x.size()});
  finish<decltype(s), double>(s, net, x.size());
  return x;
}

struct moments {
  double mean, variance;
};

/// The exact mean and variance of what a run makes of a normal. With a linear model a run is affine in its start and in
/// each of its noises, y = c + a x + sum_k b_k z_k: one run on unit vectors reads off all of them, with no random numbers.
inline moments exact_moments(const diffode::plan& made, const diffode::grid& g, told what, const normal& data = {}) {
  const std::size_t noises = static_cast<std::size_t>(made.noises()), size = noises + 2;
  std::vector<double> x(size), z(noises * size);
  x[1] = 1;
  for (std::size_t k = 0; k < noises; ++k) z[k * size + k + 2] = 1;
  const std::vector<double> y = run_with(made, x, z, perfect(what, data));
  const double c = y[0], a = y[1] - c;
  moments m{c + a * g.front().alpha * data.mean, a * a * data.variance(g.front())};
  for (std::size_t k = 2; k < size; ++k) m.variance += (y[k] - c) * (y[k] - c);
  return m;
}

/// Mean, variance and kurtosis of independent numbers.
struct sampled {
  double mean = 0, variance = 0, kurtosis = 0, count = 0;

  explicit sampled(const std::vector<double>& x) : count(static_cast<double>(x.size())) {
    for (const double v : x) mean += v / count;
    for (const double v : x) variance += (v - mean) * (v - mean) / (count - 1);
    for (const double v : x) kurtosis += std::pow(v - mean, 4) / (variance * variance * count);
  }
};

/// What a random method does with many steps.
struct law {
  /// Order in which the variance of its results comes near that of the data; 0: it does not.
  int variance = 1;
  /// tau^2 of the stochastic equation whose drift it follows where there is no noise (core/stochastic.hpp), and in which
  /// order. Empty: no such equation, or one that depends on the grid.
  std::function<double(const diffode::level<>&)> tau2 = {};
  int drift = 1;
  /// Whether a single step leaves the noise its variance, whatever its length: (a sigma_s)^2 + c^2 = sigma_t^2 in x_t = a x_s + b x0 + c z.
  bool keeps_variance = true;
};

/// Where the drift alone takes x: with y = x/sigma, dy/dlambda = -tau^2 y + (1 + tau^2) e^lambda x0(x), by Runge and Kutta's
/// method of order 4 in 10000 steps of 0.001 and less, so that its error is below 1e-11.
inline double drifted(double x, const family& f, const law& how, const diffode::level<>& from, const diffode::level<>& to) {
  const mixture data;
  constexpr int steps = 10000;
  const double h = (to.lambda - from.lambda) / steps;
  const auto slope = [&](double lambda, double y) {
    const diffode::level<> at = f.path.at_lambda(lambda);
    const double tau2 = how.tau2(at);
    return -tau2 * y + (1 + tau2) * std::exp(lambda) * data.at(at.sigma * y, at).x0;
  };
  double y = x / from.sigma;
  for (int k = 0; k < steps; ++k) {
    const double at = from.lambda + k * h;
    const double k1 = slope(at, y), k2 = slope(at + h / 2, y + h / 2 * k1), k3 = slope(at + h / 2, y + h / 2 * k2), k4 = slope(at + h, y + h * k3);
    y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return y * to.sigma;
}

}  // namespace diffode_test
