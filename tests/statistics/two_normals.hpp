// SPDX-License-Identifier: MIT
#pragma once

// One-dimensional data from two normals as data and as a network with derivatives: dual numbers, exact to rounding.

#include "diffode/model/parameterisation.hpp"
#include "diffode/noise/philox.hpp"
#include "diffode/statistics.hpp"
#include "method/exact_statistics.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace diffode_test {

/// A number and its derivative.
struct dual {
  double v, d;

  friend dual operator+(dual a, dual b) { return {a.v + b.v, a.d + b.d}; }
  friend dual operator-(dual a, dual b) { return {a.v - b.v, a.d - b.d}; }
  friend dual operator*(dual a, dual b) { return {a.v * b.v, a.d * b.v + a.v * b.d}; }
  friend dual operator/(dual a, dual b) { return {a.v / b.v, (a.d * b.v - a.v * b.d) / (b.v * b.v)}; }
  friend dual exp(dual a) { return {std::exp(a.v), std::exp(a.v) * a.d}; }
  friend dual log(dual a) { return {std::log(a.v), a.d / a.v}; }
};

struct two_normals_model {
  std::array<mixture::part, 2> parts{{{0.3, -1, 0.2}, {0.7, 0.5, 0.3}}};
  by_lambda path{.vp = true};
  std::uint64_t seed = 99;

  mixture exact() const { return two_normals(parts[0], parts[1]); }

  /// Data: sample k.
  void operator()(std::uint32_t k, std::span<double> x0) const {
    std::array<double, 2> z;
    diffode::philox{.seed = seed}.fill(k, 0, 0, std::span<double>(z));
    const mixture::part& p = std::erfc(-z[0] / std::sqrt(2.0)) / 2 < parts[0].weight ? parts[0] : parts[1];
    x0[0] = p.mean + p.deviation * z[1];
  }

  /// The noise in x, and its derivative as x moves by x.d and lambda, which is what the model is told, by lambda.d.
  dual eps(dual x, dual lambda) const {
    const double a = path.alpha(lambda.v), s = path.sigma(lambda.v);
    const dual alpha{a, path.vp ? a * s * s * lambda.d : 0}, sigma{s, -(path.vp ? a * a : 1) * s * lambda.d}, half{0.5, 0}, one{1, 0};
    dual exponent[2], slope[2];
    for (std::size_t k = 0; k < 2; ++k) {
      const dual v = alpha * alpha * dual{parts[k].deviation * parts[k].deviation, 0} + sigma * sigma, off = x - alpha * dual{parts[k].mean, 0};
      exponent[k] = dual{std::log(parts[k].weight), 0} - half * log(v) - half * off * off / v;
      slope[k] = sigma * off / v;
    }
    const dual second = one / (one + exp(exponent[0] - exponent[1]));
    return (one - second) * slope[0] + second * slope[1];
  }

  auto net() const {
    return [*this](std::span<const double> x, const diffode::statistics_call& call, std::span<double> out) {
      for (std::size_t i = 0; i < x.size(); ++i) out[i] = eps({x[i], 0}, {call.at.label, 0}).v;
    };
  }
  auto jvp() const {
    return [*this](std::span<const double> x, const diffode::statistics_call& call, std::span<const double> dx, double dlabel, std::span<double> out, std::span<double> dout) {
      for (std::size_t i = 0; i < x.size(); ++i) {
        const dual e = eps({x[i], dx[i]}, {call.at.label, dlabel});
        out[i] = e.v, dout[i] = e.d;
      }
    };
  }
  auto model() const { return diffode::with_jvp(path, diffode::eps_model{}, net(), jvp()); }
};

/// The sums that infinitely many samples would have, for as many numbers as the options say: expectations as integrals.
inline diffode::statistics_sums exact_sums(const two_normals_model& m, const diffode::statistics_options& o) {
  diffode::statistics_sums sums = diffode::statistics_sums::make(o);
  diffode::statistics_sums::node all{.first = 0, .blocks = 1, .cells = std::vector<diffode::statistics_cell>(o.cells())};
  for (std::size_t row = 0; row < o.rows(); ++row) {
    const double at = o.lambda(row), alpha = m.path.alpha(at), sigma = m.path.sigma(at);
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (const mixture::part& p : m.parts) {
      const double reach = 9 * std::hypot(alpha * p.deviation, sigma);
      low = std::fmin(low, alpha * p.mean - reach), high = std::fmax(high, alpha * p.mean + reach);
    }
    constexpr int points = 400;  // of the trapezoidal rule, which converges exponentially here
    std::vector<std::array<double, 5>> all_points;
    std::array<double, 4> mean{};
    for (int k = 0; k <= points; ++k) {
      const double x = low + (high - low) / points * k;
      double weight = 0;
      for (const mixture::part& p : m.parts) {
        const double v = std::hypot(alpha * p.deviation, sigma), off = (x - alpha * p.mean) / v;
        weight += p.weight * std::exp(-off * off / 2) / (v * std::sqrt(2 * 3.14159265358979323846)) * (high - low) / points;
      }
      const dual j = m.eps({x, sigma}, {at, 0}), e = m.eps({x, m.path.drift(at) * x - sigma * j.v}, {at, 1});
      all_points.push_back({j.d, (sigma * e.v - x) / alpha, x / alpha, sigma / alpha * e.d, weight});
      for (std::size_t f = 0; f < 4; ++f) mean[f] += weight * all_points.back()[f];
    }
    using cell = diffode::statistics_cell;
    cell& c = all.cells[row];
    for (std::size_t f = 0; f < 4; ++f) c.of[f] = mean[f];
    constexpr std::array<std::array<std::size_t, 3>, 5> products{{{cell::pp, 1, 1}, {cell::py, 1, 2}, {cell::yy, 2, 2}, {cell::pw, 1, 3}, {cell::yw, 2, 3}}};
    for (const auto& p : all_points)
      for (const auto& [to, a, b] : products) c.of[to] += static_cast<double>(o.samples) * p[4] * (p[a] - mean[a]) * (p[b] - mean[b]);
  }
  diffode::raise(sums.try_add(std::move(all)));
  return sums;
}

/// The sums of samples of which each lambda has its own, data and noise alike. The draws are those of another implementation, so
/// that its numbers come out; the distributions of the standard library are not, they differ from library to library.
inline diffode::statistics_sums sums_drawn_anew(const two_normals_model& m, const diffode::statistics_options& o, std::uint64_t seed) {
  std::mt19937_64 words(seed);
  const auto uniform = [&] { return static_cast<double>(words()) * 0x1p-64; };
  // Two normals by Marsaglia's polar method.
  const auto normals = [&] {
    for (;;) {
      const double x = 2 * uniform() - 1, y = 2 * uniform() - 1, r2 = x * x + y * y;
      if (r2 > 1 || r2 == 0) continue;
      const double scale = std::sqrt(-2 * std::log(r2) / r2);
      return std::pair(y * scale, x * scale);
    }
  };
  diffode::statistics_sums::node all{.first = 0, .blocks = o.blocks(), .cells = std::vector<diffode::statistics_cell>(o.cells())};
  for (std::size_t row = 0; row < o.rows(); ++row) {
    const double at = o.lambda(row), alpha = m.path.alpha(at), sigma = m.path.sigma(at);
    for (std::uint32_t k = 1; k <= o.samples; ++k) {
      const mixture::part& p = m.parts[uniform() < m.parts[0].weight ? 0 : 1];
      const auto [data, noise] = normals();
      const double x = alpha * (p.mean + p.deviation * data) + sigma * noise;
      const dual j = m.eps({x, sigma}, {at, 0}), e = m.eps({x, m.path.drift(at) * x - sigma * j.v}, {at, 1});
      all.cells[row].add(k, j.d, (sigma * e.v - x) / alpha, x / alpha, sigma / alpha * e.d);
    }
  }
  diffode::statistics_sums sums = diffode::statistics_sums::make(o);
  diffode::raise(sums.try_add(std::move(all)));
  return sums;
}

}  // namespace diffode_test
