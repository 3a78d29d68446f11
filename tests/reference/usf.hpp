// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/solver_step.hpp"
#include "reference/loop.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace diffode_reference {

/// x with A x = b by elimination with pivots.
inline std::vector<double> solved(std::vector<std::vector<double>> A, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c; r < n; ++r)
      if (std::abs(A[r][c]) > std::abs(A[pivot][c])) pivot = r;
    std::swap(A[c], A[pivot]);
    std::swap(b[c], b[pivot]);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double f = A[r][c] / A[c][c];
      for (std::size_t k = c; k < n; ++k) A[r][k] -= f * A[c][k];
      b[r] -= f * b[c];
    }
  }
  for (std::size_t c = 0; c < n; ++c) b[c] /= A[c][c];
  return b;
}

/// An evaluation: the state as it counts, and the noise there.
struct usf_point {
  level<> at;
  double x, eps;
  double value(bool data) const { return data ? (x - at.sigma * eps) / at.alpha : eps; }
};

/// phi_k(z) by its series in long double: |z| is some units at most.
inline double usf_phi(int k, double z) {
  long double term = 1, sum = 0;
  for (int j = 1; j <= k; ++j) term /= j;
  for (int n = 0; n < 80; ++n) sum += term, term *= static_cast<long double>(z) / (n + 1 + k);
  return static_cast<double>(sum);
}

/// The step formula of arXiv:2312.07243 as spelled there: h^(i+1) phi_(i+1) times derivatives, which come from the truncated
/// Taylor system. points[0] is where the step starts; the first derivative is multiplied by `relaxation`.
inline double usf_step(bool data, const std::vector<usf_point>& points, int order, double relaxation, const level<>& t) {
  const usf_point& s = points[0];
  const double h = t.lambda - s.at.lambda, z = data ? -h : h, scale = data ? t.alpha : -t.sigma;
  double x = (data ? t.sigma / s.at.sigma : t.alpha / s.at.alpha) * s.x + scale * h * usf_phi(1, z) * s.value(data);
  const std::size_t unknowns = static_cast<std::size_t>(order) - 1;
  if (unknowns == 0) return x;
  std::vector<std::vector<double>> A(unknowns, std::vector<double>(unknowns));
  std::vector<double> b(unknowns);
  for (std::size_t r = 0; r < unknowns; ++r) {
    double factorial = 1;
    for (std::size_t k = 0; k < unknowns; ++k) {
      factorial *= static_cast<double>(k + 1);
      A[r][k] = std::pow(points[r + 1].at.lambda - s.at.lambda, static_cast<double>(k + 1)) / factorial;
    }
    b[r] = points[r + 1].value(data) - s.value(data);
  }
  const std::vector<double> derivatives = solved(A, b);
  for (std::size_t k = 0; k < unknowns; ++k) {
    const int i = static_cast<int>(k) + 1;
    x += scale * std::pow(h, i + 1) * usf_phi(i + 1, z) * derivatives[k] * (k == 0 ? relaxation : 1);
  }
  return x;
}

/// A whole run of noise and data steps with default points, relaxed by plain factors, from state x.
inline double usf(levels l, double x, const std::vector<diffode::solver_step>& steps, const prediction_of& eps) {
  std::vector<usf_point> known;  // oldest first
  const auto newest = [&](std::size_t count) {
    return std::vector<usf_point>(known.rbegin(), known.rbegin() + static_cast<std::ptrdiff_t>(std::min(count, known.size())));
  };
  const auto arrive = [&](const diffode::solver_step& s, const usf_point& there) {
    std::vector<usf_point> points = newest(std::max<std::size_t>(static_cast<std::size_t>(s.correct.order), 2) - 1);
    points.insert(points.begin() + 1, there);
    if (s.correct.order == 1) points.resize(1);
    return usf_step(s.form == diffode::solver_form::data, points, static_cast<int>(points.size()), s.correct.amount, there.at);
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    usf_point here{l[i], x, eps(x, l[i])};
    if (i > 0 && steps[i - 1].corrector == diffode::solver_corrector::pseudo) {
      const bool data = steps[i - 1].form == diffode::solver_form::data;
      const double stays = here.value(data);
      here.x = arrive(steps[i - 1], here);
      if (data) here.eps = (here.x - here.at.alpha * stays) / here.at.sigma;
    }
    known.push_back(here);
    const std::vector<usf_point> points = newest(static_cast<std::size_t>(steps[i].predict.order));
    x = usf_step(steps[i].form == diffode::solver_form::data, points, static_cast<int>(points.size()), steps[i].predict.amount, l[i + 1]);
    if (steps[i].corrector == diffode::solver_corrector::implicit) x = arrive(steps[i], {l[i + 1], x, eps(x, l[i + 1])});
  }
  return x;
}

}  // namespace diffode_reference
