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

/// d rho/dt of the path, by differences of the time over lambda within the step from s to t, beyond which the path may end:
/// to about 1e-12 where the path is smooth, 1e-10 near the ends of the step, where the differences go one way.
template <coefficient R>
R rho_rate(const recorder<R>& r, const level<R>& s, const level<R>& t, const level<R>& at) {
  static constexpr double central[] = {1. / 280, -4. / 105, 1. / 5, -4. / 5, 0, 4. / 5, -1. / 5, 4. / 105, -1. / 280};
  static constexpr double one_way[] = {-25. / 12, 4, -3, 4. / 3, -1. / 4, 0, 0, 0, 0};
  static constexpr double widest = 0.02, narrow = 0.0025;  // the latter for the lower order of one way
  const R behind = each([](double v) { return std::abs(v); }, R(at.lambda - s.lambda));
  const R ahead = each([](double v) { return std::abs(v); }, R(t.lambda - at.lambda));
  // Between neighbours, with the sign of the way; 0 where there is room on both sides.
  const R way = each([](double from, double to) { return to < from ? -1 : 1; }, s.lambda, t.lambda);
  const R apart = way * each([](double b, double a) {
    const double room = b > a ? b : a;
    return b >= 4 * widest && a >= 4 * widest ? 0 : (a >= b ? 1 : -1) * (room < 4 * narrow ? room / 4 : narrow);
  }, behind, ahead);
  R slope = 0;  // dt/dlambda
  for (int k = 0; k < 9; ++k) {
    const R offset = each([k](double one) { return one == 0 ? (k - 4) * widest : one_way[k] == 0 ? 0 : k * one; }, apart);
    const R weight = each([k](double one) { return one == 0 ? central[k] / widest : one_way[k] / one; }, apart);
    slope = slope + weight * r.at_lambda(at.lambda + offset).t;
  }
  return -rho(at) / slope;
}

}  // namespace detail

/// The same as sums of 10000 samples of u^k drho/dt, as reference codes compute them: relative error 2e-4
/// on most steps, up to 2e-3 on tables, whose kinks the differences smooth over, and where drho/dt varies by powers of ten.
///
/// closed  whether the samples lie from t_s to t_t inclusive, though still weighed as 10000; else at the left end of each piece
/// Needs   sigma_t > 0 if closed
template <coefficient R>
std::array<R, 4> summed_time_moments(recorder<R>& r, const level<R>& s, const level<R>& t, const R& unit, bool closed) {
  constexpr int samples = 10000;
  const R piece = (t.t - s.t) / static_cast<double>(samples), apart = (t.t - s.t) / static_cast<double>(closed ? samples - 1 : samples);
  std::array<R, 4> I{};
  for (int q = 0; q < samples; ++q) {
    const level<R> at = r.at_time(s.t + apart * static_cast<double>(q));
    const R u = (at.t - s.t) / unit;
    R power = detail::rho_rate(r, s, t, at) * piece;
    for (R& moment : I) {
      moment = moment + power;
      power = power * u;
    }
  }
  return I;
}

}  // namespace diffode
