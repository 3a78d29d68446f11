// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/model_statistics.hpp"
#include "diffode/tape/history.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace diffode {

/// How DPM-Solver-v3 corrects the state at the start of a step, once it has been evaluated there.
enum class v3_corrector {
  none,
  same_order,  ///< from as many evaluations as the predictor used, the new one among them: order p ("c_pseudo" false)
  pseudo,      ///< from one more, differences as in a pseudo-order: order 2 ("c_pseudo" true)
  full,        ///< from one more, exact: order p + 1; not in the paper's code
};

/// DPM-Solver-v3: a multistep predictor and corrector whose exponential integrator is fitted to the model by statistics of it.
///
/// Source       Zheng et al. 2023, arXiv:2310.13268: the formulation of section 3.1, the local approximation and pseudo-orders
///              of section 3.3, statistics of section 3.2 as given. Where dx/dlambda = (alpha'/alpha - l) x - (sigma eps - l x):
///                  f = (sigma eps - l x)/alpha,   g = e^(-S) f - B,   L, S, B as in core/model_statistics.hpp,
///                  x_t = alpha_t e^(-L_t) [ x_s/alpha_s - int e^(L+S) (g + B) dlambda ],   g' = e^(-S) (f' - s f - b)
///              and g is taken for the polynomial through its values at past evaluations
/// Order        p without corrector (2 if pseudo and p = 3), else as v3_corrector says; grows from 1 at the start
/// Evaluations  1 per step          Memory  p of f (p - 1 without corrector)
/// Statistics   any; with the defaults, those of data prediction, it is UniPC with exact weights, and UniP without corrector.
///              On a table, the grid has to consist of its lambdas: on_nodes(grid, statistics). With a column for each
///              element, run it on fixed<lanes>(grid, {.stride = 1, .count = columns}); for each channel, stride = pixels
/// Ends         order lowered to the end as `ends` says; first order and no corrector next to sigma = 0 or alpha = 0, which
///              only the two statistics without a table reach; the last point is never corrected
/// Differs      from the paper's code with its correctors in nothing but rounding. It redoes a step to correct it, from the
///              state before; here the corrected state is the predicted one and what the two formulas differ by, in the next
///              step's kernel. "half" there corrects at times above 0.5 (its README says below): corrected_above = 0.5
/// Errors       refuses p outside 1 to 3, ramps with orders above p, levels that are no lambdas of the table, and columns
///              that are neither 1 nor as many as lanes
/// Names        DPM_Solver_v3 in its authors' code (p_pseudo, c_pseudo, use_corrector, lower_order_final); in no engine
struct dpm_v3 {
  model_statistics statistics = model_statistics::data_prediction();
  int p = 3;
  /// The predictor takes every derivative from the newest points that suffice for one ("p_pseudo"), for few steps.
  bool pseudo = false;
  v3_corrector corrector = v3_corrector::full;
  double corrected_above = -std::numeric_limits<double>::infinity();  ///< only points with t above this are corrected
  prediction target = prediction::x0;  ///< what f is made from; the same to rounding, but for statistics without a table at the ends
  ramp ends = ramp::lowered();

  static constexpr const char* name = "dpm_v3";
  constexpr int keep() const { return corrector == v3_corrector::none ? p - 1 : p; }
  constexpr int order() const {
    const int predicted = pseudo && p > 2 ? 2 : p, corrected = corrected_order(predicted);
    return corrected_above > -std::numeric_limits<double>::infinity() && predicted < corrected ? predicted : corrected;
  }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    if (refused(r, s, t)) return r.state();
    const value f = rest(r, s), one = r.one(), x = correct(r, s, f, one);
    const history<R> nodes = history_of(r, f, s, order_of(ends, p, r, s, t));
    r.remember(f, s, nodes.count);
    const statistics_step<R> e = statistics.over(s, t);
    return moved(r, {x, e.a}, s.lambda, t.alpha, weights(pseudo, e, nodes.offsets()), nodes, {one, e.J});
  }

  fault check() const {
    if (p < 1 || p > 3) return detail::refuse(errc::bad_method, "dpm_v3: order p is ", p, ", needs 1 to 3");
    if (std::isnan(corrected_above)) return detail::refuse(errc::bad_method, "dpm_v3: corrected_above is ", corrected_above, ", needs a time");
    return ends.check(name, p);
  }

 private:
  constexpr int corrected_order(int predicted) const {
    switch (corrector) {
      case v3_corrector::same_order: return p;  // its evaluation is on a predicted state, which may be of one order less
      case v3_corrector::pseudo: return 2;
      case v3_corrector::full: return predicted + 1;
      default: return predicted;
    }
  }

  /// f = (sigma eps - l x)/alpha; in terms of x0, ((1 - l) x)/alpha - x0. A linear part that takes all of x needs no alpha.
  template <coefficient R>
  value rest(recorder<R>& r, const level<R>& s) const {
    const value x = r.state(), m = r.predict(x, s);
    const R l = statistics.l(s.lambda);
    if (target == prediction::x0) return r.sum({{x, detail::ratio_or_zero<R>(1 - l, s.alpha)}, {m, -1}});
    return r.sum({{m, s.sigma / s.alpha}, {x, detail::ratio_or_zero<R>(-l, s.alpha)}});
  }

  /// Weights w_j with int e^(L+S) g = sum_j w_j g_j, and e^(-L_t) as a factor: exact for the polynomial through all g_j, or
  /// of pseudo-order, with k! g[lambda_0, .., lambda_k] for the k-th derivative.
  template <coefficient R>
  static node_weights<R> weights(bool newest_only, const statistics_step<R>& e, std::span<const R> d) {
    if (!newest_only) return interpolation_weights<R>(std::span<const R>(e.W), d);
    node_weights<R> w{};
    for (std::size_t k = 0; k < d.size(); ++k)
      for (std::size_t j = 0; j <= k; ++j) {
        R apart = 1;
        for (std::size_t i = 0; i <= k; ++i)
          if (i != j) apart = apart * (d[i] - d[j]);
        w[j] = w[j] + e.W[k] / apart;
      }
    return w;
  }

  /// x - alpha_t [ sum_j w_j g_j + J ], with g_j = e^(-S_j) f_j - B_j as seen from lambda_s.
  template <coefficient R>
  value moved(recorder<R>& r, const term<R>& x, const R& from, const R& alpha, const node_weights<R>& w, const history<R>& nodes,
              const term<R>& J) const {
    std::array<term<R>, max_nodes + 2> terms{};
    const std::size_t n = static_cast<std::size_t>(nodes.count);
    terms[0] = x;
    R constant = J.c;
    for (std::size_t j = 0; j < n; ++j) {
      const statistics_shift<R> seen = j == 0 ? statistics_shift<R>{R(1), R(0)} : statistics.shift(from, R(from - nodes.d[j]));
      terms[j + 1] = {nodes.m[j], -alpha * w[j] * seen.fade};
      constant = constant - w[j] * seen.B;
    }
    terms[n + 1] = {J.v, -alpha * constant};
    return r.sum(std::span<const term<R>>(terms.data(), n + 2));
  }

  /// The state at s as the last step would have reached it, had it known f there. a and J are the same either way, and f
  /// stays what it is, as in the paper's code: the new noise is the one that belongs to it.
  template <coefficient R>
  value correct(recorder<R>& r, const level<R>& s, value f, value one) const {
    const R on = each([this](double t) { return t > corrected_above ? 1.0 : 0.0; }, s.t);
    const auto off = [](double c) { return c == 0; };
    if (corrector == v3_corrector::none || r.depth() == 0 || r.past(0).order == 0 || every(off, on)) return r.state();
    const memory<R>& last = r.past(0);
    const R h = s.lambda - last.at.lambda;
    if (!detail::finite(h) || !detail::nowhere_zero(h)) return r.state();
    const history<R> old = history_of(r, last.m, last.at, last.order, 1);
    history<R> nodes{.count = old.count + 1, .m = {old.m[0], f}, .d = {R(0), -h}};
    for (std::size_t j = 1; j < static_cast<std::size_t>(old.count); ++j) nodes.m[j + 1] = old.m[j], nodes.d[j + 1] = old.d[j];
    const std::size_t used = static_cast<std::size_t>(corrector == v3_corrector::same_order ? old.count : nodes.count);
    if (used < 2) return r.state();

    const statistics_step<R> e = statistics.over(last.at, s);
    const node_weights<R> predicted = weights(pseudo, e, old.offsets());
    node_weights<R> change = weights(corrector == v3_corrector::pseudo, e, nodes.offsets().first(used));
    change[0] = change[0] - predicted[0];
    for (std::size_t j = 1; j < static_cast<std::size_t>(old.count); ++j) change[j + 1] = change[j + 1] - predicted[j];
    for (R& w : change) w = w * on;
    const value x = moved(r, {r.state(), R(1)}, last.at.lambda, s.alpha, change, nodes, {one, R(0)});
    r.correct(x);
    return x;
  }

  template <coefficient R>
  bool refused(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const std::size_t lanes = r.lanes();
    if (const std::size_t n = statistics.columns(); n != 1 && n != lanes) {
      r.refuse(detail::text("statistics have ", n, " columns, needs 1, or as many as the run has lanes, ", lanes,
                            ": run it on fixed<lanes>(grid, {.stride = 1, .count = ", n, "}) for one for each element"));
      return true;
    }
    for (const R* lambda : {&s.lambda, &t.lambda})
      if (const fault f = statistics.check(*lambda)) {
        r.refuse(f->what());
        return true;
      }
    return false;
  }
};

}  // namespace diffode
