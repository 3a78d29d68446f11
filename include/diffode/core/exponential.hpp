// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/level.hpp"
#include "diffode/core/phi.hpp"
#include "diffode/core/prediction.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace diffode {

/// What every exponential integrator shares: over one step from s to t
///
///     x_t = A*x_s + G*sum_j w_j*m_j          with  sum_j w_j = g_1
///
/// data form   A = sigma_t/sigma_s, G =  alpha_t, g_k = h*phi_k(-h)       m = x0
/// noise form  A = alpha_t/alpha_s, G = -sigma_t, g_k = h*phi_k(+h)       m = eps
/// with h = t.lambda - s.lambda.
///
/// Source  Lu et al. 2022, arXiv:2206.00927, proposition 3.1, and arXiv:2211.01095, proposition 4.1; phi functions,
///         Hochbruck and Ostermann 2010, section 2
template <coefficient R>
struct exponential_step {
  R h, A, G;
  R first;                ///< G*g_1, finite also where h is not: the whole step while m is constant
  std::array<R, 6> g;     ///< g[1] .. g[5]

  /// I_k = int_0^h s^k dw(s) = k! h^k g_{k+1}, the moments of the step's measure, k = 0..4.
  std::array<R, 5> moments() const {
    std::array<R, 5> I;
    R scale = 1;
    for (std::size_t k = 0; k < I.size(); ++k) {
      I[k] = scale * g[k + 1];
      scale = scale * h * static_cast<double>(k + 1);
    }
    return I;
  }
};

template <coefficient R>
exponential_step<R> exponential(prediction form, const level<R>& s, const level<R>& t) {
  const bool data = form == prediction::x0;
  exponential_step<R> e;
  e.h = t.lambda - s.lambda;
  e.A = data ? t.sigma / s.sigma : t.alpha / s.alpha;
  e.G = data ? t.alpha : -t.sigma;
  // Of the two ways to write G*g_1 the one that does not overflow as h grows: expm1(-inf) = -1. Towards pure noise, where
  // h is -inf, neither has a limit; the difference that they stand for has.
  const bool to_pure_noise = !every([](double h) { return h > -HUGE_VAL; }, e.h);
  e.first = (data ? -t.alpha : e.A * s.sigma) * expm1(-e.h);
  if (to_pure_noise) e.first = data ? R(t.alpha - e.A * s.alpha) : R(t.sigma - e.A * s.sigma);
  for (int k = 1; k <= 5; ++k) e.g[static_cast<std::size_t>(k)] = e.h * phi(k, data ? -e.h : e.h);
  return e;
}

}  // namespace diffode
