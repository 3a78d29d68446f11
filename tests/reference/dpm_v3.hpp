// SPDX-License-Identifier: MIT
#pragma once

#include "reference/loop.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace diffode_reference {

/// One column of statistics, with the sums that the paper's code keeps from the first lambda on.
struct v3_sums {
  std::vector<double> lambda, l, s, b;
  std::vector<double> L, S, I, B, C;

  v3_sums(std::vector<double> at, std::vector<double> l_, std::vector<double> s_, std::vector<double> b_)
      : lambda(std::move(at)), l(std::move(l_)), s(std::move(s_)), b(std::move(b_)) {
    L = sum(l), S = sum(s);
    std::vector<double> grown, faded, both;
    for (std::size_t i = 0; i < l.size(); ++i) grown.push_back(std::exp(L[i] + S[i])), faded.push_back(std::exp(-S[i]) * b[i]);
    I = sum(grown), B = sum(faded);
    for (std::size_t i = 0; i < l.size(); ++i) both.push_back(grown[i] * B[i]);
    C = sum(both);
  }

  std::vector<double> sum(const std::vector<double>& f) const {
    std::vector<double> all{0};
    for (std::size_t i = 1; i < f.size(); ++i) all.push_back(all.back() + (lambda[i] - lambda[i - 1]) * (f[i] + f[i - 1]) / 2);
    return all;
  }
};

struct v3_options {
  int order = 3;
  bool p_pseudo = false;
  enum { none, same, pseudo, full } corrector = none;
  double corrected_above = -HUGE_VAL;
  bool lower_order_final = true;
};

/// An evaluation: index among the statistics, state and noise.
struct v3_point {
  std::size_t index;
  double x, eps;
  level<> at;
};

/// Zheng et al. 2023, arXiv:2310.13268: a step from `points[0]` to `t` (index q) with further points, Taylor's formula for g
/// at the base with derivatives from divided differences, or from the linear system of Taylor's formula at the points.
inline double v3_update(const v3_sums& e, std::span<const v3_point> points, std::size_t q, const level<>& t, bool pseudo) {
  const v3_point& s = points[0];
  const std::size_t p = s.index, n = points.size();
  std::array<double, 4> g{}, d{}, derivative{};
  for (std::size_t j = 0; j < n; ++j) {
    const v3_point& o = points[j];
    const double f = (o.at.sigma * o.eps - e.l[o.index] * o.x) / o.at.alpha;
    g[j] = std::exp(e.S[p] - e.S[o.index]) * f - std::exp(e.S[p]) * (e.B[o.index] - e.B[p]);
    d[j] = e.lambda[o.index] - e.lambda[p];
  }
  if (pseudo) {
    std::array<double, 4> column = g;
    double factorial = 1;
    for (std::size_t k = 1; k < n; ++k) {
      for (std::size_t j = 0; j + k < n; ++j) column[j] = (column[j + 1] - column[j]) / (d[j + k] - d[j]);
      derivative[k] = (factorial *= static_cast<double>(k)) * column[0];
    }
  } else {
    // sum_k d_j^k/k! g^(k) = g_j - g_0, by elimination.
    std::array<std::array<double, 5>, 4> row{};
    for (std::size_t j = 1; j < n; ++j) {
      double power = 1;
      for (std::size_t k = 1; k < n; ++k) row[j][k] = power *= d[j] / static_cast<double>(k);
      row[j][4] = g[j] - g[0];
    }
    for (std::size_t k = 1; k < n; ++k)
      for (std::size_t j = 1; j < n; ++j) {
        if (j == k) continue;
        const double factor = row[j][k] / row[k][k];
        for (std::size_t c = k; c < 5; ++c) row[j][c] -= factor * row[k][c];
      }
    for (std::size_t k = 1; k < n; ++k) derivative[k] = row[k][4] / row[k][k];
  }
  double y = t.alpha / s.at.alpha * std::exp(e.L[p] - e.L[q]) * s.x;
  y -= t.alpha * std::exp(-e.L[q] - e.S[p]) * (e.I[q] - e.I[p]) * g[0];
  y -= t.alpha * std::exp(-e.L[q]) * (e.C[q] - e.C[p] - e.B[p] * (e.I[q] - e.I[p]));
  for (std::size_t k = 1; k < n; ++k) {
    double J = 0, before = 0;
    for (std::size_t i = p; i <= q; ++i) {
      double here = std::exp(e.L[i] + e.S[i] - e.L[p] - e.S[p]);
      for (std::size_t m = 1; m <= k; ++m) here *= (e.lambda[i] - e.lambda[p]) / static_cast<double>(m);
      if (i > p) J += (e.lambda[i] - e.lambda[i - 1]) * (before + here) / 2;
      before = here;
    }
    y -= t.alpha * std::exp(e.L[p] - e.L[q]) * J * derivative[k];
  }
  return y;
}

/// The loop of the paper's code. `indexes` says where the levels are among the statistics; what is asked for is eps.
inline double dpm_v3(const v3_sums& e, std::span<const std::size_t> indexes, v3_options o, levels l, double x, const prediction_of& eps) {
  std::vector<v3_point> past;  // newest first
  const int steps = static_cast<int>(l.size()) - 1;
  int order = 0;
  for (int i = 0; i < steps; ++i) {
    const std::size_t here = static_cast<std::size_t>(i);
    v3_point now{indexes[here], x, eps(x, l[here]), l[here]};
    const bool wanted = o.corrector != v3_options::none && i > 0 && l[here].t > o.corrected_above;
    const std::size_t count = static_cast<std::size_t>(order + (o.corrector == v3_options::same ? 0 : 1));
    if (wanted && count > 1) {
      std::vector<v3_point> points{past[0], now};
      for (std::size_t k = 1; points.size() < count; ++k) points.push_back(past[k]);
      x = v3_update(e, points, now.index, now.at, o.corrector == v3_options::pseudo);
      now.eps += e.l[now.index] * (x - now.x) / now.at.sigma;
      now.x = x;
    }
    past.insert(past.begin(), now);
    order = std::min(i + 1, o.order);
    if (o.lower_order_final) order = std::min(order, steps - i);
    x = v3_update(e, std::span(past).first(static_cast<std::size_t>(order)), indexes[here + 1], l[here + 1], o.p_pseudo);
  }
  return x;
}

}  // namespace diffode_reference
