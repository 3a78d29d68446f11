// SPDX-License-Identifier: MIT
#pragma once

// The law of a run on normal data, without drawing a number: the perfect model is then linear in the state, so the end is
// a linear function of the start and of the noise, and its variance is known from the coefficients.

#include "method/probe.hpp"

#include <cmath>
#include <cstddef>

namespace diffode_test {

/// How much two streams of a run have to do with each other: increments of one Brownian motion over two intervals.
inline double correlation(const noise_interval& a, const noise_interval& b) {
  if (a.independent() || b.independent()) return 0;
  const auto length = [](double from, double to) { return to > from ? std::exp(to) - std::exp(from) : 0; };
  return length(std::fmax(a.from, b.from), std::fmin(a.to, b.to)) / std::sqrt(length(a.from, a.to) * length(b.from, b.to));
}

/// The variance of the end of a run that starts with the right variance, relative to what it should be: data are normal
/// with mean 0 and this deviation.
template <class M, class Correlation = decltype(&correlation)>
double variance_ratio(const M& how, const grid& levels, double deviation, Correlation of = &correlation) {
  const auto variance = [&](const level<>& l) { return std::pow(l.alpha * deviation, 2) + l.sigma * l.sigma; };
  const plan made = compile(how, levels, x0_model{});
  const std::size_t noises = static_cast<std::size_t>(made.noises()), size = 1 + noises;
  row x(size), noise(noises * size), answer(size);
  x[0] = std::sqrt(variance(levels.front()));
  for (std::size_t k = 0; k < noises; ++k) noise[k * size + 1 + k] = 1;
  sampler<double, recorded_noise<double>, no_filter, reference> s(shared_plan(made), x, {}, recorded_noise<double>{noise, size});
  while (const auto call = s.next()) {
    for (std::size_t i = 0; i < size; ++i) answer[i] = call->at.alpha * deviation * deviation / variance(call->at) * call->x[i];
    s.feed(answer);
  }
  double sum = x[0] * x[0];
  for (std::size_t a = 0; a < noises; ++a)
    for (std::size_t b = 0; b < noises; ++b)
      sum += x[1 + a] * x[1 + b] * (a == b ? 1 : of(made.noise_intervals()[a], made.noise_intervals()[b]));
  return sum / variance(levels.back());
}

/// The order in which the law of a run converges: log2 of how much the error of the variance falls from `steps` steps to
/// twice as many, on levels equidistant in lambda.
template <class M>
double order_in_law(const M& how, const noise_path& path, double noisy, double clean, int steps, double deviation = 0.6) {
  const auto error = [&](int n) {
    return std::abs(variance_ratio(how, uniform_lambda(path, {.from = noisy, .to = clean, .count = n}), deviation) - 1);
  };
  return std::log2(error(steps) / error(2 * steps));
}

}  // namespace diffode_test
