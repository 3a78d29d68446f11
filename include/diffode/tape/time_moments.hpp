// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/interpolation.hpp"
#include "diffode/core/adaptive_quadrature.hpp"
#include "diffode/tape/recorder.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace diffode {

/// The schedule's own time, as the variable of `history_of`.
struct in_time {
  template <coefficient R>
  R operator()(const level<R>& at) const {
    return at.t;
  }
};

/// int_{rho_s}^{rho_t} u^k drho, k = 0..3, with u = (time - t_s)/unit: moments of a step along rho for polynomials in time.
///
/// Error   relative, about 1e-13; also where the path has kinks, as between the entries of a table
/// Needs   levels whose t is the path's own time there; unit of the sign of the step, and not much shorter than it
template <coefficient R>
std::array<R, 4> time_moments(const recorder<R>& r, const level<R>& s, const level<R>& t, const R& unit) {
  const R from = rho(s), to = rho(t);
  // Rounding of the time is all that is left of its digits on short steps: not to be chased with ever more panels.
  const auto size = [](double v) { return std::abs(v); };
  const R tolerance = each(size, R(to - from)) * (4 + each(size, R(s.t / unit))) * 1e-15;
  const auto powers = [&](const R& here) {
    const R u = (r.at_lambda(-log(here)).t - s.t) / unit;
    return std::array<R, 3>{u, u * u, u * u * u};
  };
  const std::array<R, 3> I = integral<3>(powers, from, to, tolerance);
  return {to - from, I[0], I[1], I[2]};
}

namespace detail {

/// d rho/dt of the path, by differences of the time over lambda: to about 1e-12 where the path is smooth.
template <coefficient R>
R rho_rate(const recorder<R>& r, const level<R>& at) {
  constexpr double weight[] = {4. / 5, -1. / 5, 4. / 105, -1. / 280}, apart = 0.02;
  R slope = 0;  // dt/dlambda
  for (int k = 1; k <= 4; ++k)
    slope = slope + (weight[k - 1] / apart) * (r.at_lambda(at.lambda + k * apart).t - r.at_lambda(at.lambda - k * apart).t);
  return -rho(at) / slope;
}

}  // namespace detail

/// The same as sums of 10000 samples of u^k drho/dt, as reference codes compute them: relative error 1e-4.
///
/// closed  whether the samples lie from t_s to t_t inclusive, though still weighed as 10000; else at the left end of each piece
/// Needs   a smooth path that knows times and lambdas a little beyond the step; sigma_t > 0 if closed
template <coefficient R>
std::array<R, 4> summed_time_moments(recorder<R>& r, const level<R>& s, const level<R>& t, const R& unit, bool closed) {
  constexpr int samples = 10000;
  const R piece = (t.t - s.t) / static_cast<double>(samples), apart = (t.t - s.t) / static_cast<double>(closed ? samples - 1 : samples);
  std::array<R, 4> I{};
  for (int q = 0; q < samples; ++q) {
    const level<R> at = r.at_time(s.t + apart * static_cast<double>(q));
    const R u = (at.t - s.t) / unit;
    R power = detail::rho_rate(r, at) * piece;
    for (R& moment : I) {
      moment = moment + power;
      power = power * u;
    }
  }
  return I;
}

}  // namespace diffode
