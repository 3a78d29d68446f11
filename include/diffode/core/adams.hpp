// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/interpolation.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace diffode {

/// How an Adams method weighs past slopes.
enum class adams {
  exact,    ///< by the true distances: the polynomial through n slopes, integrated; order n
  uniform,  ///< as if all steps were as long as this one, n <= 4: exact on equal steps, else of order 2 at most
  ipndm_v,  ///< Legacy: n <= 4, what diff-sampler computes for unequal steps: right for n <= 2 alone
};

/// int_0^length s^k ds = length^(k+1)/(k+1), the moments of the plain integral over a step.
template <coefficient R>
std::array<R, max_nodes> plain_moments(const R& length) {
  std::array<R, max_nodes> I;
  R power = length;
  for (std::size_t k = 0; k < I.size(); ++k) {
    I[k] = power / static_cast<double>(k + 1);
    power = power * length;
  }
  return I;
}

namespace detail {

/// Source  Adams and Bashforth 1883; the rows for equal steps, newest slope first
template <coefficient R>
node_weights<R> uniform_adams(const R& length, std::size_t n) {
  constexpr double row[4][4] = {{1, 0, 0, 0},
                                {3. / 2, -1. / 2, 0, 0},
                                {23. / 12, -16. / 12, 5. / 12, 0},
                                {55. / 24, -59. / 24, 37. / 24, -9. / 24}};
  node_weights<R> w{};
  for (std::size_t j = 0; j < n; ++j) w[j] = length * row[n - 1][j];
  return w;
}

/// diff-sampler's weights for steps h0 = length, h1 = d[1], h2 = d[2] - d[1], h3 = d[3] - d[2]: its second and third
/// terms T and U miss the divided differences that they stand for, so that the weights for n = 4 do not even sum to h0.
template <coefficient R>
node_weights<R> published_adams(const R& h0, std::span<const R> d) {
  const std::size_t n = d.size();
  if (n == 1) return {h0};
  const R h1 = d[1], r = h0 / h1;
  node_weights<R> a{1 + r / 2, -r / 2};
  if (n > 2) {
    const R h2 = d[2] - d[1], p = h1 / h2;
    const R T = (1 - h0 / (3 * (h0 + h1)) * (h0 * (h0 + h1)) / (h1 * (h1 + h2))) / 2;
    a[0] = a[0] + T;
    a[1] = a[1] - (1 + p) * T;
    a[2] = T * p;
    if (n > 3) {
      const R h3 = d[3] - d[2], q = h1 * (h1 + h2) / (h2 * (h2 + h3));
      const R U = ((1 - h0 / (3 * (h0 + h1))) / 2 + (1 - h0 / (2 * (h0 + h1))) * h0 / (6 * (h0 + h1 + h2))) * h0 *
                  (h0 + h1) * (h0 + h1 + h2) / (h1 * (h1 + h2) * (h1 + h2 + h3));
      a[0] = a[0] + U;
      a[1] = a[1] - (1 + p + q) * U;
      a[2] = a[2] + (p + q * (1 + h2 / h3)) * U;
      a[3] = -U * q * p;
    }
  }
  for (R& weight : a) weight = h0 * weight;
  return a;
}

}  // namespace detail

/// Weights w_j with int_0^length f = sum_j w_j f(-d[j]): a step of dy/dq = f from slopes at the distances d behind.
template <coefficient R>
node_weights<R> adams_weights(adams how, const R& length, std::span<const R> d) {
  if (how == adams::uniform) return detail::uniform_adams(length, d.size());
  if (how == adams::ipndm_v) return detail::published_adams(length, d);
  const auto I = plain_moments(length);
  return interpolation_weights<R>(std::span<const R>(I), d);
}

}  // namespace diffode
