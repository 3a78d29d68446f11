// SPDX-License-Identifier: MIT
#pragma once

// Vector-Jacobian products of the perfect model of mixture{}, in closed form, and losses to differentiate.

#include "conformance/mixture.hpp"
#include "conformance/told.hpp"
#include "diffode/run/adjoint_request.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace diffode_test {

/// v^T d(eps)/dx of a sample. With offsets o_k = (x - alpha mu_k)/v_k and shares r_k of the parts, eps = sigma sum_k r_k o_k and
/// d(eps_i)/dx_j = sigma (delta_ij sum_k r_k/v_k - sum_k r_k o_ki o_kj + mean_i mean_j), mean = sum_k r_k o_k.
inline void eps_product(const mixture& data, std::span<const double> x, const diffode::level<>& l, std::span<const double> v, std::span<double> out) {
  constexpr std::size_t parts = 3;
  const std::size_t n = x.size();
  std::array<double, parts> share{}, width{}, along{};
  std::vector<double> offset(parts * n), mean(n);
  double most = -1e300, total = 0;
  for (std::size_t k = 0; k < parts; ++k) {
    const auto& p = data.parts[k];
    width[k] = l.alpha * l.alpha * p.deviation * p.deviation + l.sigma * l.sigma;
    share[k] = std::log(p.weight) - 0.5 * static_cast<double>(n) * std::log(width[k]);
    for (std::size_t i = 0; i < n; ++i) {
      offset[k * n + i] = (x[i] - (i % 2 == 0 ? 1 : -1) * l.alpha * p.mean) / width[k];
      share[k] -= 0.5 * offset[k * n + i] * offset[k * n + i] * width[k];
      along[k] += v[i] * offset[k * n + i];
    }
    most = std::fmax(most, share[k]);
  }
  for (double& s : share) total += s = std::exp(s - most);
  double inverse = 0, mean_along = 0;
  for (std::size_t k = 0; k < parts; ++k) {
    share[k] /= total;
    inverse += share[k] / width[k];
    mean_along += share[k] * along[k];
    for (std::size_t i = 0; i < n; ++i) mean[i] += share[k] * offset[k * n + i];
  }
  for (std::size_t j = 0; j < n; ++j) {
    double sum = v[j] * inverse + mean_along * mean[j];
    for (std::size_t k = 0; k < parts; ++k) sum -= share[k] * along[k] * offset[k * n + j];
    out[j] = l.sigma * sum;
  }
}

/// v^T dF/dx of what such a model returns: F = p x0 + q eps with x0 = (x - sigma eps)/alpha.
inline void told_product(told what, std::span<const double> x, const diffode::level<>& l, std::span<const double> v, std::span<double> out) {
  const double p = returned(what, {1, 0}, l), q = returned(what, {0, 1}, l);
  eps_product({}, x, l, v, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = p / l.alpha * v[i] + (q - p * l.sigma / l.alpha) * out[i];
}

template <class T>
using product_to = std::function<void(const diffode::adjoint_request<T>&, std::span<T>)>;

/// The products of sample_truth: sample i is at level i % lanes.
template <class T>
product_to<T> sample_product(told what, std::size_t each) {
  return [what, each](const diffode::adjoint_request<T>& wanted, std::span<T> out) {
    std::vector<double> x(each), v(each), to(each);
    for (std::size_t first = 0; first < out.size(); first += each) {
      const diffode::level<>& l = wanted.call.levels[first / each % wanted.call.levels.size()];
      for (std::size_t i = 0; i < each; ++i) x[i] = static_cast<double>(wanted.call.x[first + i]), v[i] = static_cast<double>(wanted.cotangent[first + i]);
      told_product(what, x, l, v, to);
      for (std::size_t i = 0; i < each; ++i) out[first + i] = static_cast<T>(to[i]);
    }
  };
}

/// A loss that is linear in the sample: sum_i w_i x_i, with weights of both signs and of several sizes.
inline double loss_weight(std::size_t i) { return std::cos(1.7 * static_cast<double>(i) + 0.3) * (1 + 0.25 * static_cast<double>(i % 4)); }
template <class T>
double linear_loss(const std::vector<T>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += loss_weight(i) * static_cast<double>(x[i]);
  return sum;
}

/// f'(0), by differences of order 4.
template <class F>
double slope_at_zero(F f, double h) {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

}  // namespace diffode_test
