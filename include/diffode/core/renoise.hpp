// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/level.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace diffode {

/// How much new noise lifts a state from a level `lift` further in lambda, to `to`: what is then not data has the variance
/// sigma_to^2, and a share 1 - e^(-2 lift) of it is new.
///
/// Range  lift >= 0; +inf where all of it is new
template <coefficient R>
R fresh_noise(const level<R>& to, const R& lift) {
  // A lift that rounding made a little negative is none.
  const R share = each([](double d) { return d > 0 ? -std::expm1(-2 * d) : 0; }, lift);
  return to.sigma * sqrt(share);
}

/// How a state at one level becomes a state at a noisier one: x_to = kept*x_from + fresh*z, z unit normal. A state that is
/// distributed as data noised to `from` is then distributed as data noised to `to`, whatever the data.
template <coefficient R>
struct renoised {
  R kept, fresh;
};

/// kept = alpha_to/alpha_from, and fresh^2 = sigma_to^2 - kept^2 sigma_from^2, where lift = lambda_from - lambda_to >= 0.
///
/// Needs  alpha_from > 0; lift may be +inf (clean data at `from`)
template <coefficient R>
renoised<R> renoise(const level<R>& from, const level<R>& to, const R& lift) {
  return {to.alpha / from.alpha, fresh_noise(to, lift)};
}

/// How far in lambda below its target an ancestral step goes before noise lifts it back: lambda_down - lambda_t, for a share
/// eta^2 (1 - e^(-2h)) of fresh noise in sigma_t^2.
///
/// Source  Song et al. 2021, arXiv:2010.02502, eq. (16): what is left of the noise is sigma_down^2/sigma_t^2 = 1 - share,
///         for alpha = 1
/// Needs   0 <= eta <= 1, h >= 0. Infinite where eta = 1 and h = +inf: all noise is new
template <coefficient R>
R ancestral_lift(double eta, const R& h) {
  // With eta = 1 the share left is e^(-2h); its logarithm is known without forming 1 - share, which cancels for large h.
  if (eta == 1) return h;
  return log1p(expm1(h * -2) * (eta * eta)) * -0.5;
}

/// `a` where `claim` holds of `about`, `b` elsewhere.
template <class F>
double choose(F claim, double about, double a, double b) {
  return claim(about) ? a : b;
}
template <class F>
lanes choose(F claim, const lanes& about, const lanes& a, const lanes& b) {
  const auto larger = [](std::size_t n, std::size_t m) { return n > m ? n : m; };
  std::vector<double> chosen(larger(about.size(), larger(a.size(), b.size())));
  for (std::size_t l = 0; l < chosen.size(); ++l) chosen[l] = claim(about[l]) ? a[l] : b[l];
  return lanes(std::move(chosen));
}
template <class F, coefficient R>
level<R> choose(F claim, const R& about, const level<R>& a, const level<R>& b) {
  return {choose(claim, about, a.t, b.t), choose(claim, about, a.alpha, b.alpha), choose(claim, about, a.sigma, b.sigma),
          choose(claim, about, a.lambda, b.lambda), choose(claim, about, a.label, b.label)};
}

}  // namespace diffode
