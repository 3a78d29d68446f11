// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/butcher_tableau.hpp"
#include "diffode/tape/slope.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace diffode {

/// Any explicit Runge-Kutta method, along rho or along time: a tableau of numbers.
///
/// Source       Zhang, Chen 2022, arXiv:2204.13902 (rho-RK-DEIS): dy/drho = eps; slopes along time, Liu et al. 2022,
///              arXiv:2209.03003; tableaux, core/butcher_tableau.hpp
/// Order        that of the tableau          Evaluations  1 per stage that the result needs; stages of the estimate alone
///              if `estimate` says so          Memory  none
/// Ends         an Euler step to sigma = 0 if a stage lies there (c = 1), and along rho from alpha = 0
/// Differs      DEIS evaluates at sigma = 0 where its grid ends there. butcher_tableau::heun2() is heun, euler() is euler
/// Estimate     the result with the weights `low` where they need no further stage, or where `estimate` is set. The slope at
///              the end of a step is not kept for the next: what comes between steps may change the state
/// Names        DEIS rho_rk: 1euler 2heun 3kutta 3ral 3heun 3vdh 3ssprk 4rk
/// Errors       refuses a tableau that is not explicit, whose rows do not sum to its nodes, or that misses its order (all
///              conditions up to order 4; above, those of weights and nodes alone)
///
/// With q the variable of the axis, h = q_t - q_s, y = x/S:
///     d_i = d(y_s + h sum_{j<i} a_ij d_j) at q_s + c_i h,   y_t = y_s + h sum_i b_i d_i.
struct rk {
  butcher_tableau how = butcher_tableau::kutta4();
  axis along = axis::rho;
  bool estimate = false;

  static constexpr const char* name = "rk";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  int order() const { return how.order; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const R from = coordinate(along, s), h = coordinate(along, t) - from;
    const std::size_t stages = estimate && how.estimate_needs() > how.needed() ? how.estimate_needs() : how.needed();
    std::vector<value> d{slope_of(r, along, r.state(), s)};
    if (stages == 1 || !detail::finite(from) || (ends_with_slope(stages) && !detail::nowhere_zero(t.sigma)))
      return euler_along(r, along, s, t, d[0]);
    for (std::size_t i = 1; i < stages; ++i) {
      const level<R> at = how.c[i] == 0 ? s : how.c[i] == 1 ? t : r.at_lambda(lambda_of(along, R(from + how.c[i] * h)));
      d.push_back(slope_of(r, along, moved(r, s, at, h, how.row(i), d), at));
    }
    if (!how.low.empty() && how.estimate_needs() <= stages) r.estimate = moved(r, s, t, h, how.low, d);
    return moved(r, s, t, h, how.b, d);
  }

  fault check() const { return how.check(name); }

 private:
  bool ends_with_slope(std::size_t stages) const {
    for (std::size_t i = 0; i < stages; ++i)
      if (how.c[i] == 1) return true;
    return false;
  }

  /// S_at (x/S_s + h sum_j w_j d_j).
  template <coefficient R>
  value moved(recorder<R>& r, const level<R>& s, const level<R>& at, const R& h, std::span<const double> w, std::span<const value> d) const {
    const R S = scale(along, at);
    std::vector<term<R>> terms{{r.state(), S / scale(along, s)}};
    for (std::size_t j = 0; j < d.size() && j < w.size(); ++j)
      if (w[j] != 0) terms.push_back({d[j], S * h * w[j]});
    return r.sum(std::span<const term<R>>(terms));
  }
};

}  // namespace diffode
