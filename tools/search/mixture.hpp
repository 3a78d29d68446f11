// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/diffode.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace search_tool {

/// One-dimensional data from normals: its perfect model, and the exact flow by quantiles.
struct mixture {
  struct part {
    double weight, mean, deviation;
  };
  std::vector<part> parts;

  /// The noise that the perfect model sees in x.
  double eps(double x, const diffode::level<>& l) const {
    double most = -HUGE_VAL, shares = 0, sum = 0;
    std::vector<double> share, pull;
    for (const part& p : parts) {
      const double v = std::pow(l.alpha * p.deviation, 2) + l.sigma * l.sigma, off = x - l.alpha * p.mean;
      share.push_back(std::log(p.weight) - 0.5 * std::log(v) - 0.5 * off * off / v);
      pull.push_back(off / v);
      most = std::fmax(most, share.back());
    }
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const double r = std::exp(share[k] - most);
      shares += r;
      sum += r * pull[k];
    }
    return l.sigma * sum / shares;
  }

  /// Where the noised data has the quantiles (i + 1/2)/count. The flow takes each to the same quantile at any other level.
  std::vector<double> quantiles(const diffode::level<>& l, std::size_t count) const {
    double reach = 0, whole = 0;
    for (const part& p : parts) reach = std::fmax(reach, l.alpha * std::abs(p.mean) + 12 * std::hypot(l.alpha * p.deviation, l.sigma)), whole += p.weight;
    std::vector<double> all;
    for (std::size_t i = 0; i < count; ++i) {
      const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
      double low = -reach, high = reach;
      for (int k = 0; k < 200; ++k) {
        const double middle = 0.5 * (low + high);
        double below = 0;
        for (const part& p : parts) below += p.weight / whole * 0.5 * std::erfc((l.alpha * p.mean - middle) / (std::sqrt(2.0) * std::hypot(l.alpha * p.deviation, l.sigma)));
        (below < u ? low : high) = middle;
      }
      all.push_back(0.5 * (low + high));
    }
    return all;
  }
};

}  // namespace search_tool
