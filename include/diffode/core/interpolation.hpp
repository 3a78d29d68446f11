// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/coefficient.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <span>

namespace diffode {

/// The most past predictions that a formula may use.
inline constexpr int max_nodes = 5;

/// One weight per node, newest first; 0 beyond the number of nodes asked for.
template <coefficient R>
using node_weights = std::array<R, max_nodes>;

/// Weights of a formula that also uses the value at the target of the step.
template <coefficient R>
struct implicit_weights {
  R at_target;
  node_weights<R> at_node;
};

namespace detail {

// a / b, and 0 where both are 0: a step of length zero adds nothing.
template <coefficient R>
R ratio_or_zero(const R& a, const R& b) {
  const auto ratio = [](double x, double y) { return x == 0 && y == 0 ? 0 : x / y; };
  if constexpr (std::same_as<R, double>)
    return ratio(a, b);
  else
    return lanes::map(ratio, a, b);
}

}  // namespace detail

/// Weights w with int f dw = sum_j w[j] f(-d[j]) for every polynomial f of degree below d.size(): the integral, over
/// one step, of the polynomial through past values.
///
/// Source   Newton's form of the interpolating polynomial, integrated term by term; closed form, nothing is solved
/// Nodes    at offsets 0, -d[1], -d[2], ... from where the step starts; d[0] = 0, the others distinct and of the sign
///          of the step. The oldest d may be infinite: its weight is 0 and the others are those without it
/// Needs    1 to max_nodes nodes; moments[k] = int s^k dw for all k < d.size(), s measured from where the step starts
/// Error    a few roundings per weight for any spacing if the measure has one sign, since no two terms cancel
/// Shapes   lanes one by one
template <coefficient R>
node_weights<R> interpolation_weights(std::span<const R> moments, std::span<const R> d) {
  const std::size_t n = d.size();
  assert(n >= 1 && n <= max_nodes && moments.size() >= n);
  // newton[k] = int s (s + d[1]) ... (s + d[k-1]) dw; product holds the powers of s in (s + d[1]) ... (s + d[k-1]).
  std::array<R, max_nodes> newton{}, product{R(1)};
  newton[0] = moments[0];
  for (std::size_t k = 1; k < n; ++k) {
    for (std::size_t m = 0; m < k; ++m) newton[k] = newton[k] + product[m] * moments[m + 1];
    if (k + 1 == n) break;
    for (std::size_t m = k; m > 0; --m) product[m] = product[m - 1] + d[k] * product[m];
    product[0] = d[k] * product[0];
  }
  node_weights<R> w{};
  for (std::size_t j = 0; j < n; ++j) {
    R apart = R(1);
    for (std::size_t i = 0; i < j; ++i) apart = apart * (d[i] - d[j]);
    for (std::size_t k = j; k < n; ++k) {
      if (k > j) apart = apart * (d[k] - d[j]);
      w[j] = w[j] + newton[k] / apart;
    }
  }
  return w;
}

/// The same with one more node at the target of the step, offset +h: exact up to degree d.size().
///
/// Needs    moments[k] for all k <= d.size(). Where h is 0 and the moments are 0, the weights are 0
template <coefficient R>
implicit_weights<R> interpolation_weights_implicit(std::span<const R> moments, std::span<const R> d,
                                                   const R& h) {
  const std::size_t n = d.size();
  assert(n >= 1 && n <= max_nodes && moments.size() >= n + 1);
  // The basis polynomial of a past node is the one without the target times (h - s)/(h + d[j]). So integrate against
  // the measure (h - s) dw, which keeps its sign; subtracting the target's part from the explicit weights instead
  // would cancel nearly everything where the past nodes are far away, d >> h.
  std::array<R, max_nodes> falling{};
  for (std::size_t k = 0; k < n; ++k) falling[k] = h * moments[k] - moments[k + 1];
  implicit_weights<R> w{R(0), interpolation_weights<R>(std::span<const R>(falling).first(n), d)};
  w.at_node[0] = detail::ratio_or_zero(w.at_node[0], h);
  for (std::size_t j = 1; j < n; ++j) w.at_node[j] = w.at_node[j] / (h + d[j]);

  // The basis polynomial of the target is s/h times all (s + d[j])/(h + d[j]); written with 1/(1 + h/d[j]) so that an
  // infinite d drops out.
  std::array<R, max_nodes> product{R(1)};
  for (std::size_t j = 1; j < n; ++j) {
    const R slope = R(1) / (h + d[j]), rest = R(1) / (R(1) + h / d[j]);
    for (std::size_t m = j; m > 0; --m) product[m] = slope * product[m - 1] + rest * product[m];
    product[0] = rest * product[0];
  }
  for (std::size_t m = 0; m < n; ++m) w.at_target = w.at_target + product[m] * moments[m + 1];
  w.at_target = detail::ratio_or_zero(w.at_target, h);
  return w;
}

/// Newton's divided difference f[x[0], ..., x[n-1]] of the values f at the distinct points x, 1 to max_nodes + 1 of
/// them: (n-1)! times it is the derivative of order n-1, exact for polynomials of degree n-1.
template <coefficient R>
R divided_difference(std::span<const R> x, std::span<const R> f) {
  const std::size_t n = x.size();
  assert(n >= 1 && n <= max_nodes + 1 && f.size() == n);
  std::array<R, max_nodes + 1> column{};
  for (std::size_t i = 0; i < n; ++i) column[i] = f[i];
  for (std::size_t order = 1; order < n; ++order)
    for (std::size_t i = 0; i + order < n; ++i)
      column[i] = (column[i + 1] - column[i]) / (x[i + order] - x[i]);
  return column[0];
}

}  // namespace diffode
