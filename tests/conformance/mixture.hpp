// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/level.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace diffode_test {

/// Both predictions of a model at one point.
struct truth {
  double x0, eps;
};

/// Data from three normals: the perfect model of it in closed form, and where its probability flow takes a point.
///
/// The state at a level is again a mixture, of normals with mean alpha*mu and variance v = alpha^2 s^2 + sigma^2, so that
/// the expected x0 and eps are mixtures of the answers of linear regression, weighed by the responsibilities of the parts.
struct mixture {
  struct part {
    double weight, mean, deviation;
  };
  std::array<part, 3> parts{{{0.3, -1.2, 0.25}, {0.5, 0.4, 0.4}, {0.2, 1.5, 0.15}}};

 private:
  static double variance(const part& p, const diffode::level<>& l) {
    return l.alpha * l.alpha * p.deviation * p.deviation + l.sigma * l.sigma;
  }

  /// A function that maps a number of the sample to its expected x0 and eps.
  auto answer(const diffode::level<>& l, std::span<const double> sample) const {
    std::array<double, 3> share{};
    double most = -1e300, sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const double v = variance(parts[k], l);
      share[k] = std::log(parts[k].weight) - 0.5 * static_cast<double>(sample.size()) * std::log(v);
      for (std::size_t i = 0; i < sample.size(); ++i) {
        const double off = (i % 2 == 0 ? sample[i] : -sample[i]) - l.alpha * parts[k].mean;
        share[k] -= off * off / (2 * v);
      }
      most = std::fmax(most, share[k]);
    }
    for (double& s : share) sum += s = std::exp(s - most);
    return [=, this](double x) {
      truth all{0, 0};
      for (std::size_t k = 0; k < 3; ++k) {
        const part& p = parts[k];
        const double off = (x - l.alpha * p.mean) / variance(p, l), r = share[k] / sum;
        all.x0 += r * (p.mean + l.alpha * p.deviation * p.deviation * off);
        all.eps += r * l.sigma * off;
      }
      return all;
    };
  }

 public:
  /// Expected x0 and eps of one number.
  truth at(double x, const diffode::level<>& l) const { return answer(l, {&x, 1})(x); }

  /// The same for a sample of several numbers: mixture of isotropic normals with means mean*(1, -1, 1, -1, ...). The
  /// numbers of a sample depend on each other through the responsibilities.
  template <class F>
  void at(std::span<const double> x, const diffode::level<>& l, F take) const {
    const auto of = answer(l, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double turn = i % 2 == 0 ? 1 : -1;
      const truth here = of(turn * x[i]);
      take(i, truth{turn * here.x0, turn * here.eps});
    }
  }

  /// Where the probability flow takes x on the way from one level to another. In one dimension it keeps the order of
  /// points and so their quantiles: F_to(y) = F_from(x), which is solved to machine precision.
  double flow(double x, const diffode::level<>& from, const diffode::level<>& to) const {
    const double upper = tail(x, from, 1), lower = tail(x, from, -1);
    // The smaller tail keeps its digits.
    const double side = upper < lower ? 1 : -1, wanted = upper < lower ? upper : lower;
    double low = -1e3, high = 1e3;
    double y = 0;
    for (int k = 0; k < 200; ++k) {
      const double miss = tail(y, to, side) - wanted;
      (side * miss > 0 ? low : high) = y;
      const double newton = y + side * miss / density(y, to);
      const double next = newton > low && newton < high ? newton : 0.5 * (low + high);
      if (std::abs(next - y) <= 1e-16 * std::abs(y)) return next;
      y = next;
    }
    return y;
  }

 private:
  /// Probability of being above (side = 1) or below (side = -1) x.
  double tail(double x, const diffode::level<>& l, double side) const {
    double sum = 0;
    for (const part& p : parts) sum += p.weight * 0.5 * std::erfc(side * (x - l.alpha * p.mean) / std::sqrt(2 * variance(p, l)));
    return sum;
  }
  double density(double x, const diffode::level<>& l) const {
    double sum = 0;
    for (const part& p : parts) {
      const double v = variance(p, l), off = x - l.alpha * p.mean;
      sum += p.weight * std::exp(-off * off / (2 * v)) / std::sqrt(2 * 3.14159265358979323846 * v);
    }
    return sum;
  }
};

}  // namespace diffode_test
