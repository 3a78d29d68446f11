// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/noise/philox.hpp>
#include <diffode/schedule/noise_path.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

namespace diffode_tools {

/// Data from normals with the same deviation in all directions, and the noise that a perfect model sees in it.
struct mixture {
  struct part {
    double weight;
    std::vector<double> mean;
    double deviation;
  };
  std::vector<part> parts;

  std::size_t size() const { return parts[0].mean.size(); }

  /// Noise in samples at a level, one after another: sum_k r_k sigma (x - alpha m_k)/v_k, with the shares r_k that the parts have in x.
  void eps(std::span<const double> x, const diffode::level<>& at, std::span<double> out) const {
    const std::size_t n = size();
    std::vector<double> power(parts.size());
    for (std::size_t begin = 0; begin < x.size(); begin += n) {
      double most = -HUGE_VAL, shares = 0;
      for (std::size_t k = 0; k < parts.size(); ++k) {
        double far = 0;
        for (std::size_t i = 0; i < n; ++i) far += std::pow(x[begin + i] - at.alpha * parts[k].mean[i], 2);
        const double v = variance(parts[k], at);
        power[k] = std::log(parts[k].weight) - 0.5 * (static_cast<double>(n) * std::log(v) + far / v);
        most = std::fmax(most, power[k]);
      }
      for (double& p : power) shares += p = std::exp(p - most);
      for (std::size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < parts.size(); ++k) sum += power[k] * (x[begin + i] - at.alpha * parts[k].mean[i]) / variance(parts[k], at);
        out[begin + i] = at.sigma * sum / shares;
      }
    }
  }

  /// Sample k of the data, the same whenever it is asked for.
  void draw(std::uint32_t k, std::span<double> x0) const {
    std::vector<double> z(x0.size() + 1);
    diffode::philox{.seed = 0x6d697874}.fill(k, 0, 0, std::span<double>(z));
    double whole = 0, below = 0;
    for (const part& p : parts) whole += p.weight;
    const double u = whole * 0.5 * std::erfc(-z.back() / std::numbers::sqrt2);
    const part* chosen = &parts.back();
    for (const part& p : parts)
      if (below += p.weight; u < below) {
        chosen = &p;
        break;
      }
    for (std::size_t i = 0; i < x0.size(); ++i) x0[i] = chosen->mean[i] + chosen->deviation * z[i];
  }

  /// In one dimension, where the noised data has the quantiles (i + 1/2)/count. The flow takes each to the same quantile at any other level.
  std::vector<double> quantiles(const diffode::level<>& at, std::size_t count) const {
    double reach = 0, whole = 0;
    for (const part& p : parts) reach = std::fmax(reach, at.alpha * std::abs(p.mean[0]) + 12 * std::sqrt(variance(p, at))), whole += p.weight;
    std::vector<double> all;
    for (std::size_t i = 0; i < count; ++i) {
      const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
      double low = -reach, high = reach;
      for (int k = 0; k < 200; ++k) {
        const double middle = 0.5 * (low + high);
        double below = 0;
        for (const part& p : parts) below += p.weight / whole * 0.5 * std::erfc((at.alpha * p.mean[0] - middle) / std::sqrt(2 * variance(p, at)));
        (below < u ? low : high) = middle;
      }
      all.push_back(0.5 * (low + high));
    }
    return all;
  }

  static double variance(const part& p, const diffode::level<>& at) { return std::pow(at.alpha * p.deviation, 2) + at.sigma * at.sigma; }
};

/// 0.3 N(-1, 0.2^2) + 0.7 N(0.5, 0.3^2), which many figures are of.
inline mixture two_normals() { return {{{0.3, {-1}, 0.2}, {0.7, {0.5}, 0.3}}}; }

/// Eight narrow normals on the unit circle.
inline mixture ring() {
  mixture m;
  for (int k = 0; k < 8; ++k) m.parts.push_back({1, {std::cos(k * std::numbers::pi / 4), std::sin(k * std::numbers::pi / 4)}, 0.1});
  return m;
}

/// Five normals of different weights and widths in eight dimensions, with means from random numbers.
inline mixture cloud() {
  mixture m;
  for (std::uint32_t k = 0; k < 5; ++k) {
    m.parts.push_back({1.0 + k, std::vector<double>(8), 0.1 + 0.05 * k});
    diffode::philox{.seed = 0x636c6f75}.fill(k, 0, 0, std::span<double>(m.parts.back().mean));
    for (double& mean : m.parts.back().mean) mean *= 0.7;
  }
  return m;
}

}  // namespace diffode_tools
