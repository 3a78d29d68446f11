// SPDX-License-Identifier: MIT
#pragma once

// One-dimensional data from two normals: the perfect noise prediction on VE levels, its derivatives, and the exact flow.

#include <array>
#include <cmath>
#include <cstddef>

namespace diffode_test {

struct mixture_a {
  std::array<double, 2> weight{0.3, 0.7}, mean{-1, 0.5}, deviation{0.2, 0.3};

  struct answer {
    double eps, by_x, by_mean;  ///< eps, and its derivatives by x and by the first mean
  };
  answer at(double x, double sigma) const {
    std::array<double, 2> o{}, v{}, r{};
    double most = -1e300, total = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      v[k] = deviation[k] * deviation[k] + sigma * sigma;
      o[k] = (x - mean[k]) / v[k];
      r[k] = std::log(weight[k]) - 0.5 * std::log(v[k]) - 0.5 * o[k] * o[k] * v[k];
      most = std::fmax(most, r[k]);
    }
    for (double& s : r) total += s = std::exp(s - most);
    double o1 = 0, o2 = 0, inverse = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      r[k] /= total;
      o1 += r[k] * o[k];
      o2 += r[k] * o[k] * o[k];
      inverse += r[k] / v[k];
    }
    // dr_0/dmean_0 = r_0 (1 - r_0) o_0 and do_0/dmean_0 = -1/v_0.
    return {sigma * o1, sigma * (inverse - o2 + o1 * o1), sigma * (r[0] * (o[0] * o[0] - 1 / v[0]) - r[0] * o[0] * o1)};
  }

  /// The share of one part in the density at x.
  double density_of(std::size_t k, double x, double sigma) const {
    const double v = deviation[k] * deviation[k] + sigma * sigma, off = x - mean[k];
    return weight[k] * std::exp(-off * off / (2 * v)) / std::sqrt(2 * 3.14159265358979323846 * v);
  }
  double density(double x, double sigma) const { return density_of(0, x, sigma) + density_of(1, x, sigma); }
  /// d(end)/d(first mean) of the exact flow from x to y: the flow keeps below(x), of which the mean's derivative is -density_of(0, .).
  double by_mean(double x, double from, double y, double to) const { return (density_of(0, y, to) - density_of(0, x, from)) / density(y, to); }
  double below(double x, double sigma) const {
    double sum = 0;
    for (std::size_t k = 0; k < 2; ++k) sum += weight[k] * 0.5 * std::erfc(-(x - mean[k]) / std::sqrt(2 * (deviation[k] * deviation[k] + sigma * sigma)));
    return sum;
  }
  double quantile(double u, double sigma) const {
    double low = -12 * (sigma + 2), high = -low;
    for (int i = 0; i < 200; ++i) {
      const double middle = 0.5 * (low + high);
      (below(middle, sigma) < u ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }
};

}  // namespace diffode_test
