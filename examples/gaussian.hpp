// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/core/level.hpp>

#include <cmath>
#include <cstddef>
#include <span>

/// A model whose answers are known: data that are normal with mean 0.7 and standard deviation 0.5, element by element.
/// It stands in for the network in these examples, so that each can check its own result.
namespace gaussian {

inline constexpr double mean = 0.7, deviation = 0.5;

inline double x0(double x, const diffode::level<>& at) {
  const double variance = at.alpha * at.alpha * deviation * deviation + at.sigma * at.sigma;
  return mean + at.alpha * deviation * deviation / variance * (x - at.alpha * mean);
}

/// What a network that predicts the noise would return.
inline void eps(std::span<const float> x, const diffode::level<>& at, std::span<float> out) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double xi = static_cast<double>(x[i]);
    out[i] = static_cast<float>((xi - at.alpha * x0(xi, at)) / at.sigma);
  }
}

/// Whether these look like the data: mean and standard deviation within 5 percent.
inline bool looks_right(std::span<const float> x) {
  double sum = 0, squares = 0;
  for (const float v : x) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  const double n = static_cast<double>(x.size()), m = sum / n, s = std::sqrt(squares / n - m * m);
  return std::abs(m - mean) < 0.05 * mean && std::abs(s - deviation) < 0.05 * deviation;
}

}  // namespace gaussian
