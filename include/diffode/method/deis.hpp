// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/adams.hpp"
#include "diffode/core/multistep.hpp"
#include "diffode/tape/slope.hpp"
#include "diffode/tape/time_moments.hpp"

#include <array>
#include <span>

namespace diffode {

/// The variable in which deis takes the noise for polynomial.
enum class deis_in {
  time,     ///< the schedule's own: tAB-DEIS
  rho,      ///< sigma/alpha: rho-AB, equal to lms
  log_rho,  ///< -lambda: diffusers; equal to exponential Adams methods of the noise form
};

/// How deis integrates in time.
enum class deis_sum {
  exact,
  left_10000,       ///< Legacy: 10000 samples at left ends, as DEIS computes it; relative error 2e-4, on tables up to 2e-3
  inclusive_10000,  ///< Legacy: 10000 samples from end to end, as diff-sampler computes it; the first step exact
};

/// DEIS: the polynomial through q + 1 noise predictions in some variable, integrated over the exact flow.
///
/// Source       Zhang, Chen 2022, arXiv:2204.13902: tAB-DEIS and rho-AB-DEIS
/// Order        q + 1, grows from 1 at the start          Evaluations  1 per step          Memory  q predictions
/// Ends         time, rho: full order also to sigma = 0, but not with inclusive_10000, which has no sum there; an Euler step
///              from alpha = 0. log_rho: first order on both. Else as `ends` says
/// Needs        deis_in::time: levels whose t is the schedule's own; and best a smooth one with deis_sum other than exact
/// Differs      from DEIS and diff-sampler: exact integrals (relative error 1e-13, also between the entries of a table) where
///              these have 1e-4; diff-sampler's "rhoab" of order 4 keeps the coefficients of its fourth step for all later
///              ones, here each step has its own. diffusers' is log_rho with ramp::diffusers()
/// Names        diffusers DEISMultistepScheduler (log_rho); ComfyUI "deis" (diff-sampler's)
/// Errors       refuses q outside 0 to 3, sums where nothing is integrated in time, and ramps with orders above q + 1;
///              when planned, inclusive_10000 on a step to sigma = 0, but for an Euler step
///
///     x_t = alpha_t [ x/alpha_s + sum_j eps_j int_{rho_s}^{rho_t} l_j(v) drho ],   l_j the Lagrange polynomial of node j in v.
struct deis {
  int q = 3;
  deis_in in = deis_in::time;
  deis_sum sum = deis_sum::exact;
  ramp ends{};

  static constexpr const char* name = "deis";
  static constexpr prediction target = prediction::x0;
  constexpr int keep() const { return q; }
  constexpr int order() const { return q + 1; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value eps = slope_of(r, axis::rho, r.state(), s);
    const history<R> nodes = nodes_of(r, eps, s, t);
    r.remember(eps, s);
    const bool summed = sum == deis_sum::left_10000;
    if (!detail::finite(rho(s)) || (nodes.count == 1 && !summed)) return euler_along(r, axis::rho, s, t, eps);
    if (in == deis_in::log_rho)
      return weighted(r, {r.state(), t.alpha / s.alpha}, -t.sigma, exact_weights(exponential(prediction::eps, s, t), nodes.offsets()), nodes);
    const node_weights<R> w = in == deis_in::rho ? adams_weights<R>(adams::exact, R(rho(t) - rho(s)), nodes.offsets())
                                                 : weights_in_time(r, s, t, nodes);
    return weighted(r, {r.state(), t.alpha / s.alpha}, t.alpha, w, nodes);
  }

  fault check() const {
    if (q < 0 || q > 3) return detail::refuse(errc::bad_method, name, ": q is ", q, ", needs 0 to 3");
    if (in != deis_in::time && sum != deis_sum::exact)
      return detail::refuse(errc::bad_method, name, ": sum is not deis_sum::exact, needs it where `in` is not deis_in::time: nothing is summed");
    return ends.check(name, q + 1);
  }

 private:
  template <coefficient R>
  history<R> nodes_of(const recorder<R>& r, value eps, const level<R>& s, const level<R>& t) const {
    const int most = ends.order(q + 1, r.position());
    if (in == deis_in::time) return history_of(r, eps, s, most, 0, in_time{});
    if (in == deis_in::rho) return history_of(r, eps, s, most, 0, along_axis{axis::rho});
    return history_of(r, eps, s, order_of(ends, q + 1, r, s, t));
  }

  /// int l_j drho from moments in u = (time - t_s)/unit, with nodes in the same unit.
  template <coefficient R>
  node_weights<R> weights_in_time(recorder<R>& r, const level<R>& s, const level<R>& t, const history<R>& nodes) const {
    if (sum == deis_sum::inclusive_10000 && !detail::nowhere_zero(t.sigma)) {
      r.refuse("sum is deis_sum::inclusive_10000 on a step to sigma = 0, needs another: the last sample, at its end, has no weight there");
      return {};
    }
    // As long as the step and the last one: neither the times within the step nor the nodes are then large in it.
    const R unit = t.t - s.t + (nodes.count > 1 ? nodes.d[1] : R(0));
    const auto I = sum == deis_sum::exact ? time_moments(r, s, t, unit) : summed_time_moments(r, s, t, unit, sum == deis_sum::inclusive_10000);
    node_weights<R> d{};
    const std::size_t n = static_cast<std::size_t>(nodes.count);
    for (std::size_t k = 1; k < n; ++k) d[k] = nodes.d[k] / unit;
    return interpolation_weights<R>(std::span<const R>(I), std::span<const R>(d.data(), n));
  }
};

}  // namespace diffode
