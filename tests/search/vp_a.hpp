// SPDX-License-Identifier: MIT
#pragma once

// The problem that searches and fits are measured on: one-dimensional data of two normals on the variance-preserving path,
// from lambda -5 to 4.5. Points start at quantiles, and the exact flow takes each quantile to the same quantile.

#include "conformance/mixture.hpp"
#include "diffode/diffode.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace diffode_test {

inline constexpr double vp_a_from = -5, vp_a_to = 4.5;

inline mixture vp_a_data() { return {{{{0.3, -1, 0.2}, {0.7, 0.5, 0.3}, {0, 0, 1}}}}; }

/// Where the data, noised to this level, has probability u below it; by bisection.
inline double quantile(const mixture& data, const diffode::level<>& l, double u) {
  double low = -12 * (l.sigma + 2 * l.alpha), high = -low;
  for (int k = 0; k < 200; ++k) {
    const double middle = 0.5 * (low + high);
    double below = 0;
    for (const mixture::part& p : data.parts)
      below += p.weight * 0.5 * std::erfc((l.alpha * p.mean - middle) / std::hypot(l.alpha * p.deviation, l.sigma) / std::sqrt(2.0));
    (below < u ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// The states at `at` that are the quantiles (i + 1/2)/count.
inline std::vector<double> quantiles(const diffode::level<>& at, std::size_t count) {
  std::vector<double> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(quantile(vp_a_data(), at, (static_cast<double>(i) + 0.5) / static_cast<double>(count)));
  return all;
}

inline diffode::grid vp_a_grid(int steps) {
  std::vector<diffode::level<>> levels;
  for (int i = 0; i <= steps; ++i) levels.push_back(diffode::noise_path(diffode::vp_linear{}).at_lambda(vp_a_from + (vp_a_to - vp_a_from) * i / steps));
  return diffode::from_levels(diffode::vp_linear{}, levels);
}

/// The perfect model of the data, as noise.
struct vp_a_model {
  void operator()(std::span<const double> x, const diffode::level<>& at, std::span<double> out) const {
    const mixture data = vp_a_data();
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = data.at(x[i], at).eps;
  }
};

/// Root of the mean square of how far a run of `how` is from the exact flow, over `count` quantiles.
template <class M>
double vp_a_error(const M& how, const diffode::grid& g, std::size_t count = 400) {
  std::vector<double> x = quantiles(g.front(), count);
  const std::vector<double> wanted = quantiles(g.back(), count);
  diffode::sample(how, g, diffode::eps(vp_a_model{}), x);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += (x[i] - wanted[i]) * (x[i] - wanted[i]);
  return std::sqrt(sum / static_cast<double>(count));
}

}  // namespace diffode_test
