// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/multistep.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace diffode {

/// The choices of UniPC that its paper and code leave open. They differ in the two-point formulas only: from three
/// points on, the paper's B(h) cancels out of its linear system.
enum class unified {
  bh1,          ///< B(h) = h
  bh2,          ///< B(h) = e^h - 1
  exact,        ///< exact weights everywhere: the varying coefficients as the paper derives them
  vary_coeff,   ///< varying coefficients as the authors' code computes them: its corrector is of order 1 from p = 2 on
};

/// Predictor weights over past evaluations at offsets 0, -d[1], ...
/// Source  Zhao et al. 2023, arXiv:2302.04867, corollary 3.2; its linear system solved in closed form
template <coefficient R>
node_weights<R> unified_predictor(unified form, const exponential_step<R>& e, std::span<const R> d) {
  if (d.size() == 1) return {e.g[1]};
  if (d.size() == 2 && form == unified::bh1) {
    const R tilt = e.h * 0.5 * (e.h / d[1]);
    return {e.g[1] + tilt, -tilt};
  }
  if (d.size() == 2 && form == unified::bh2) return two_point_weights(e, slope::midpoint, d[1]);
  return exact_weights(e, d);
}

namespace detail {

/// Coefficients of x^0 .. x^(n-1) in the Lagrange polynomial of node q among x[0..n-1].
template <coefficient R>
std::array<R, max_nodes> lagrange_coefficients(std::span<const R> x, std::size_t q) {
  std::array<R, max_nodes> c{};
  c[0] = 1;
  std::size_t degree = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (j == q) continue;
    const R scale = 1 / (x[q] - x[j]);
    for (std::size_t k = ++degree; k > 0; --k) c[k] = (c[k - 1] - x[j] * c[k]) * scale;
    c[0] = -x[j] * c[0] * scale;
  }
  return c;
}

/// The corrector of the authors' code with "vary_coeff": of the p rows of its expansion only p - 1 are summed, and the
/// newest evaluation is weighed by the wrong one.
template <coefficient R>
implicit_weights<R> published_vary_corrector(const exponential_step<R>& e, std::span<const R> d) {
  const std::size_t p = d.size();
  // Points r_1 .. r_p in units of h: the past evaluations 1 .. p-1, and the target at 1.
  std::array<R, max_nodes> r{};
  for (std::size_t b = 1; b < p; ++b) r[b - 1] = -d[b] / e.h;
  r[p - 1] = 1;
  const std::span<const R> points(r.data(), p);
  implicit_weights<R> w{R(0), {}};
  w.at_node[0] = e.g[1];
  // row(a) of the inverse of C[a][b] = r_a^(b-1)/b!, dotted with the slopes (m_b - m_0)/r_b.
  constexpr double factorial[] = {1, 1, 2, 6, 24, 120};
  for (std::size_t b = 1; b <= p; ++b) {
    const auto column = lagrange_coefficients(points, b - 1);
    R weight = 0;
    if (b < p)
      for (std::size_t a = 1; a < p; ++a) weight = weight + e.g[a + 1] * column[a - 1] * factorial[a];
    else {
      const std::size_t row = p > 1 ? p - 1 : 1;
      weight = e.g[p + 1] * column[row - 1] * factorial[row];
    }
    weight = weight / r[b - 1];
    w.at_node[0] = w.at_node[0] - weight;
    if (b < p) w.at_node[b] = weight;
    else w.at_target = weight;
  }
  return w;
}

}  // namespace detail

/// Corrector weights over the same evaluations and the one at the target.
/// Source  Zhao et al. 2023, arXiv:2302.04867, theorem 3.1; its linear system solved in closed form
template <coefficient R>
implicit_weights<R> unified_corrector(unified form, const exponential_step<R>& e, std::span<const R> d) {
  if (form == unified::vary_coeff) return detail::published_vary_corrector(e, d);
  if (d.size() == 1 && form != unified::exact) {
    const R half = (form == unified::bh1 ? e.h : e.g[1]) * 0.5;
    return {half, {e.g[1] - half}};
  }
  const auto I = e.moments();
  return interpolation_weights_implicit<R>(std::span<const R>(I), d, e.h);
}

}  // namespace diffode
