// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <vector>

namespace diffode {

/// The most evaluations that a step of a tableau may have.
inline constexpr int max_stages = 8;

/// A term factor*phi_k(node*z) of the coefficient that one row of a tableau gives to one column.
///
/// row, column  stages count from 0, the start of the step; row = number of stages is the step itself; 0 < column < row
struct tableau_term {
  int row, column, k;
  double node, factor;
};

/// An explicit exponential Runge-Kutta method: stage i is at the share c_i of the step, c_0 = 0, and
///
///     x_i = A_i x_s + G_i h sum_(j<i) a_ij(z) m_j,    x_t = A x_s + G h sum_j b_j(z) m_j,    z = -h (data) or h (noise)
///
/// where a_ij and b_j are sums of phi_k(node*z). Column 0 is not listed: it is what makes rows sum to c_i phi_1(c_i z) and
/// phi_1(z), without which a constant prediction would not be solved exactly.
///
/// Source  Hochbruck and Ostermann 2010, Exponential integrators, Acta Numerica 19, section 2.3
struct exponential_tableau {
  int order;
  std::vector<double> nodes;  ///< c_0 = 0, c_1, ...
  std::vector<tableau_term> terms;

  int stages() const { return static_cast<int>(nodes.size()); }
};

/// Weights h a_ij (or h b_j) of one row, for the exponential step `e` that leads to the row's own point. `whole` is the h
/// of the whole step, `node` the row's share of it.
template <coefficient R>
std::array<R, max_stages> row_weights(const exponential_tableau& table, int row, prediction form, const R& whole, double node) {
  assert(table.stages() <= max_stages);
  const R z = form == prediction::x0 ? R(-whole) : whole;
  std::array<R, max_stages> w{};
  w[0] = whole * node * phi(1, R(z * node));
  for (const tableau_term& term : table.terms) {
    if (term.row != row) continue;
    const R part = whole * term.factor * phi(term.k, R(z * term.node));
    w[static_cast<std::size_t>(term.column)] = w[static_cast<std::size_t>(term.column)] + part;
    w[0] = w[0] - part;
  }
  return w;
}

}  // namespace diffode
