// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/adams.hpp"
#include "diffode/tape/slope.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace diffode {

/// How pndm takes the steps for which it has too few slopes.
enum class pndm_start {
  heun,         ///< one step of Heun's method, then rows of growing order: PLMS, "skip_prk_steps"
  runge_kutta,  ///< steps of the classical Runge-Kutta method, p - 1 of them
};

/// PNDM: Adams-Bashforth steps along rho, from a start by Heun's or the Runge-Kutta method.
///
/// Source       Liu et al. 2022, arXiv:2202.09778: pseudo linear multi-step and Runge-Kutta methods; Heun start, their code and diffusers
/// Order        2, as the paper proves: rows for equal steps, and stages in the middle of time and not of rho; p with
///              adams::exact (given an exact start; the start itself is of order 2)
/// Evaluations  1 per step; with the Heun start 1 more in all, with the Runge-Kutta start 3 more in each of p - 1 steps
/// Memory       p - 1 slopes
/// Ends         full order also to sigma = 0, where a step of the start is an Euler step; along rho an Euler step from
///              alpha = 0, and the start after it
/// Differs      diffusers and OpenVINO mix v predictions and convert the mixture at the newest state, which is no multistep
///              method any more: here each is converted where it was made. diffusers places the stages at integer labels:
///              give these as `middle`. Its timesteps repeat the second one for the start; here that is part of the step
/// Names        diffusers PNDMScheduler; A1111 "PLMS" (CompVis)
/// Errors       refuses p outside 1 to 4, adams::ipndm_v, and ramps with orders above p; when planned, a middle that
///              is not strictly between the ends of its step
///
/// With the transfer phi(x, d) to a level t, x_t = alpha_t (x/alpha_s + (rho_t - rho_s) d):
///     Heun           x_t = phi(x, (d_0 + d')/2),               d' at phi(x, d_0)
///     Runge-Kutta    x_t = phi(x, (d_0 + 2 d' + 2 d'' + d''')/6), with d' and d'' in the middle, d''' at t.
struct pndm {
  int p = 4;
  pndm_start start = pndm_start::heun;
  adams weights = adams::uniform;
  /// The middles of the first steps, one each; where the list ends, at half the time between the ends of the step.
  std::vector<level<>> middle{};
  ramp ends{};

  static constexpr const char* name = "pndm";
  static constexpr prediction target = prediction::x0;
  constexpr int keep() const { return p - 1; }
  constexpr int order() const { return weights == adams::exact || p < 2 ? p : 2; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const int most = ends.order(p, r.position());
    const history<R> slopes = slopes_along(r, axis::rho, s, most);
    const bool short_of = slopes.count < (start == pndm_start::heun ? (most < 2 ? most : 2) : most);
    if (short_of && detail::finite(rho(s)) && detail::nowhere_zero(t.sigma)) return first(r, s, t, slopes.m[0]);
    return step_along(r, axis::rho, s, t, adams_weights<R>(weights, R(rho(t) - rho(s)), slopes.offsets()), slopes);
  }

  fault check() const {
    if (p < 1 || p > 4) return detail::refuse(errc::bad_method, name, ": order p is ", p, ", needs 1 to 4");
    if (weights == adams::ipndm_v) return detail::refuse(errc::bad_method, name, ": weights is adams::ipndm_v, needs exact or uniform");
    return ends.check(name, p);
  }

 private:
  template <coefficient R>
  value first(recorder<R>& r, const level<R>& s, const level<R>& t, value d0) const {
    const auto slope_at = [&](value d, const level<R>& at) { return slope_of(r, axis::rho, euler(r, s, at, d), at); };
    if (start == pndm_start::heun) {
      const value d1 = slope_at(d0, t);
      return euler(r, s, t, r.sum({{d0, 0.5}, {d1, 0.5}}));
    }
    const level<R> half = middle_of(r, s, t);
    const value d1 = slope_at(d0, half), d2 = slope_at(d1, half), d3 = slope_at(d2, t);
    return euler(r, s, t, r.sum({{d0, 1. / 6}, {d1, 1. / 3}, {d2, 1. / 3}, {d3, 1. / 6}}));
  }

  template <coefficient R>
  value euler(recorder<R>& r, const level<R>& s, const level<R>& at, value d) const {
    return r.sum({{r.state(), at.alpha / s.alpha}, {d, at.alpha * (rho(at) - rho(s))}});
  }

  template <coefficient R>
  level<R> middle_of(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const std::size_t i = static_cast<std::size_t>(r.position().index);
    if (i >= middle.size()) return r.at_time((s.t + t.t) * 0.5);
    const level<>& at = middle[i];
    const bool real = at.alpha > 0 && at.sigma > 0 && std::isfinite(at.alpha) && std::isfinite(at.sigma);
    if (!real || !every([](double way) { return way > 0; }, R((s.lambda - at.lambda) * (at.lambda - t.lambda))))
      r.refuse(detail::text("middle[", i, "] has lambda ", at.lambda, ", alpha ", at.alpha, ", sigma ", at.sigma,
                            ", needs a level strictly between those of step ", i, ", lambda ", lane(s.lambda, 0), " and ", lane(t.lambda, 0)));
    return {at.t, at.alpha, at.sigma, at.lambda, at.label};
  }
};

}  // namespace diffode
