// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"

#include <cmath>
#include <cstddef>

namespace diffode {

/// One step from s to t of the stochastic equation
///
///     dx = [ (d ln sigma/d lambda - tau^2) x + (1 + tau^2) alpha x0 ] d lambda + sqrt(2) tau sigma dW,
///
/// which has the marginals of the noise path for every tau >= 0: tau = 0 is the probability flow, tau = 1 the reverse
/// SDE. With a = 1 + tau^2 held over the step, h = t.lambda - s.lambda, z unit normal,
///
///     x_t = A*x_s + G*sum_j w_j*m_j + c*z          with  sum_j w_j = g_1
///
/// data form   A = sigma_t/sigma_s e^(-tau^2 h), G =  alpha_t, g_k = a h phi_k(-a h), c = sigma_t sqrt(1 - e^(-2 tau^2 h))
/// noise form  A = alpha_t/alpha_s,              G = -sigma_t, g_k = a h phi_k(h),    c = tau sigma_t sqrt(e^(2h) - 1)
///
/// so that the weights of multistep.hpp, which know h and g_k, are those of the stochastic methods too. In data form a
/// step keeps the variance of the noise, (A sigma_s)^2 + c^2 = sigma_t^2; in noise form up to O(h^2).
///
/// Source  Xue et al. 2023, arXiv:2309.05019, section 4, variance-controlled diffusion SDEs; tau = 1: Lu et al. 2022,
///         arXiv:2211.01095, SDE-DPM-Solver++
/// Ends    sigma_t = 0: x_t = alpha_t m without noise, in both forms, which is the data form's limit. alpha_s = 0: for
///         tau > 0 all noise is new, A = 0 and c = sigma_t. tau = 0 is `exponential`, bit for bit
template <coefficient R>
struct stochastic_step {
  exponential_step<R> drift;
  R a, c;
};

namespace detail {

/// a*b, where 0 times infinity is 0: no noise is renewed however long it takes.
template <coefficient R>
R product_or_zero(const R& a, const R& b) {
  return each([](double x, double y) { return x == 0 || y == 0 ? 0 : x * y; }, a, b);
}

}  // namespace detail

/// tau2 = tau^2, the share of fresh noise ("eta" of the *_sde samplers of k-diffusion).
template <coefficient R>
stochastic_step<R> stochastic(prediction form, const R& tau2, const level<R>& s, const level<R>& t) {
  const bool data = form == prediction::x0;
  const R strength = each([](double b, double sigma) { return sigma == 0 ? 0 : b; }, tau2, t.sigma);
  stochastic_step<R> e{exponential(form, s, t), 1 + strength, R(0)};
  const R h = e.drift.h, long_h = e.a * h, renewed = detail::product_or_zero(strength, h);
  const R whole = e.drift.A * s.sigma;  // noise form: sigma_t e^h, without the overflow
  if (data) e.drift.A = e.drift.A * exp(-renewed);
  e.drift.first = data ? R(-t.alpha * expm1(-long_h)) : R(e.a * e.drift.first);
  for (int k = 1; k <= 5; ++k) {
    R& g = e.drift.g[static_cast<std::size_t>(k)];
    g = data ? R(long_h * phi(k, -long_h)) : R(e.a * g);
  }
  e.c = data ? R(t.sigma * sqrt(-expm1(-renewed * 2))) : R(sqrt(strength) * whole * sqrt(-expm1(h * -2)));
  return e;
}

}  // namespace diffode
