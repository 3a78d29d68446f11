// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/coefficient.hpp"

#include <cassert>
#include <cmath>

namespace diffode {

namespace detail {

inline double phi_taylor(int k, double z) {
  // sum_n k! z^n / (n+k)! in nested form: 35 terms leave less than 1e-18 of the sum for every |z| < k <= 6.
  double sum = 1;
  for (int n = 35; n > 0; --n) sum = 1 + z / (n + k) * sum;
  return sum;
}

inline double phi(int k, double z) {
  constexpr double one_over_factorial[] = {1, 1, 1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720};
  assert(k >= 0 && k <= 6);
  if (k == 0) return std::exp(z);
  if (z == 0 || (k > 1 && std::abs(z) < k)) return one_over_factorial[k] * phi_taylor(k, z);
  if (z > 0 && std::isinf(z)) return z;
  double p = std::expm1(z) / z;
  // Each turn multiplies the relative error of p by about (j + 1)/|z|, so it starts to hurt below |z| = k. There the
  // series is the better one: its alternating terms cancel by less than a factor of 7.
  for (int j = 1; j < k; ++j) p = (p - one_over_factorial[j]) / z;
  return p;
}

}  // namespace detail

/// phi_k(z) = int_0^1 e^((1-u) z) u^(k-1)/(k-1)! du, the weights of exponential integrators; phi_0(z) = e^z.
///
/// Source  Hochbruck and Ostermann 2010, Exponential integrators, Acta Numerica 19, section 2:
///         phi_(k+1)(z) = (phi_k(z) - 1/k!)/z and phi_k(0) = 1/k!
/// Range   k from 0 to 6, any z: phi_k(-inf) = 0 for k >= 1 and phi_k(+inf) = +inf
/// Error   relative, on [-200, 32], given an expm1 good to one ulp: at most 5e-16 up to phi_3, 1e-15 up to phi_6
/// Shapes  lanes one by one
template <coefficient R>
R phi(int k, const R& z) {
  if constexpr (std::same_as<R, double>)
    return detail::phi(k, z);
  else
    return lanes::map([k](double v) { return detail::phi(k, v); }, z);
}

}  // namespace diffode
