// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/multistep.hpp"
#include "diffode/core/option.hpp"
#include "diffode/core/stochastic.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// tau, the strength of the noise, the same everywhere.
struct constant_tau {
  double tau = 1;

  template <coefficient R>
  R operator()(const level<R>&) const {
    return tau;
  }
  bool silent() const { return tau == 0; }
  template <coefficient R>
  R clock(const level<R>& at) const {
    return at.lambda * (2 * tau * tau);
  }
  fault check() const { return strength(tau); }

  static fault strength(double tau) {
    return detail::check_strength("sa_solver", "tau", tau);
  }
};

/// tau while the model's label lies between two values, ends included, and 0 elsewhere; the values are those of diffusers.
struct tau_between {
  double tau = 1, from = 200, to = 800;

  template <coefficient R>
  R operator()(const level<R>& at) const {
    return each([this](double label) { return label >= from && label <= to ? tau : 0; }, at.label);
  }
  fault check() const {
    if (!(from <= to)) return detail::refuse(errc::bad_method, "sa_solver: tau lasts from label ", from, " to ", to, ", needs from <= to");
    return constant_tau::strength(tau);
  }
};

/// SA-Solver: stochastic Adams method, a multistep predictor and a corrector that reuses the next step's evaluation.
///
/// Source       Xue et al. 2023, arXiv:2309.05019, eq. (15), (18) and appendix D
/// Order        min(predictor + 1, corrector) of the drift, and predictor alone if corrector = 0; grows from 1 at the start.
///              With tau > 0, in the variance on normal data at most 2          Evaluations  1 per step
/// Memory       predictions: the larger of predictor and corrector - 1; predictor - 1 without a corrector
/// Ends         order lowered to the end as `ends` says; predictor alone on the last step; first order and no corrector on
///              steps to sigma = 0, which add no noise, or from alpha = 0
/// Noise        one per step, the same in predictor and corrector; drawn, if not used, where tau is 0, but never if it is
///              0 throughout, nor on a step to sigma = 0. An increment of the path that drives the equation; in data form with a
///              tau that varies, of a path on the clock e^(2 lambda), which drives it where tau is 0 or 1
/// Differs      two-point formulas of the references take a h^2/2 for the first moment (`simple`, data form only); diffusers
///              and ComfyUI form the moments from absolute lambdas, which cancels digits at small steps. ComfyUI
///              takes tau where a step ends. diffusers starts flow models below sigma = 1 and so knows no alpha = 0
/// Errors       refuses predictor outside 1 to 4, corrector outside 0 to 4, tau or s_noise outside [0, 1e6], ramps with
///              orders that neither has; with tau > 0, a step towards noise when planned
/// Names        diffusers SASolverScheduler (tau_between, simple); ComfyUI sa_solver
///
/// With A, G and c of core/stochastic.hpp and the polynomial through the evaluations integrated exactly,
///     predicted  x~_t = A x_s + G sum_j w^p_j m_j + c z          corrected  x_t = A x_s + G ( w_t m_t + sum_j w^c_j m_j ) + c z,
/// so that x_t = x~_t + G [ w_t m_t + sum_j (w^c_j - w^p_j) m_j ]: the noise cancels, the corrected state is never stored, and
/// the correction folds into the next predictor's kernel.
///
/// Tau  callable as R tau(level<R>) for double and lanes; tau at a step's start counts for the step. Optional are `check()`,
///      `silent()`, whether it is 0 throughout, and `clock(level)`, 2 int tau^2 dlambda
template <class Tau = constant_tau>
struct sa_solver {
  int predictor = 2;    ///< evaluations that the predictor interpolates
  int corrector = 2;    ///< evaluations that the corrector interpolates, the one at the target among them; 0: none
  Tau tau{};
  bool simple = false;  ///< two-point formulas of the references
  prediction target = prediction::x0;
  double s_noise = 1;   ///< factor on the noise, "s_noise"
  ramp ends = ramp::lowered();

  static constexpr const char* name = "sa_solver";
  constexpr int keep() const { return corrector == 0 ? predictor - 1 : predictor < corrector - 1 ? corrector - 1 : predictor; }
  constexpr int order() const { return corrector == 0 ? predictor : predictor + 1 < corrector ? predictor + 1 : corrector; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value m0 = r.predict(r.state(), s), x = correct(r, s, m0);
    const history<R> nodes = history_of(r, m0, s, order_of(ends, predictor, r, s, t));
    r.remember(m0, s, nodes.count);
    const stochastic_step<R> e = between(s, t);
    const term<R> carried{x, e.drift.A};
    const value drift = nodes.count == 1 ? r.sum({carried, {m0, e.drift.first}})
                                         : weighted(r, carried, e.drift.G, predicting(e, nodes.offsets()), nodes);
    if (silent() || every([](double sigma) { return sigma == 0; }, t.sigma)) return drift;
    if (!every([](double c) { return !std::isnan(c); }, e.c))
      r.refuse("tau is not 0 on a step towards noise, needs 0: noise is drawn anew only where some is taken away");
    return r.sum({{drift, 1}, {increment(r, s, t), e.c * s_noise}});
  }

  fault check() const {
    using detail::refuse;
    if (predictor < 1 || predictor > 4) return refuse(errc::bad_method, "sa_solver: predictor is ", predictor, ", needs 1 to 4");
    if (corrector < 0 || corrector > 4) return refuse(errc::bad_method, "sa_solver: corrector is ", corrector, ", needs 0 to 4");
    if (const fault f = detail::check_strength(name, "s_noise", s_noise)) return f;
    if constexpr (requires { tau.check(); })
      if (const fault f = tau.check()) return f;
    return ends.check(name, predictor < corrector - 1 ? corrector - 1 : predictor);
  }

 private:
  bool silent() const {
    if constexpr (requires { tau.silent(); }) return tau.silent();
    else return false;
  }

  /// Data form carries noise over a step by sigma_t/sigma_s e^(-tau^2 h), noise form by alpha_t/alpha_s.
  template <coefficient R>
  value increment(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    if (target == prediction::eps) return r.noise(t.lambda * -2, s.lambda * -2);
    if constexpr (requires { tau.clock(s); }) return r.noise(tau.clock(s), tau.clock(t));
    else return r.noise(s.lambda * 2, t.lambda * 2);
  }

  template <coefficient R>
  stochastic_step<R> between(const level<R>& s, const level<R>& t) const {
    const R strength = tau(s);
    return stochastic(target, R(strength * strength), s, t);
  }

  template <coefficient R>
  node_weights<R> predicting(const stochastic_step<R>& e, std::span<const R> d) const {
    if (d.size() != 2 || !simple || target == prediction::eps) return exact_weights(e.drift, d);
    const R tilt = e.a * e.drift.h * 0.5 * (e.drift.h / d[1]);
    return {e.drift.g[1] + tilt, -tilt};
  }

  template <coefficient R>
  implicit_weights<R> correcting(const stochastic_step<R>& e, std::span<const R> d) const {
    if (d.empty()) return {e.drift.g[1], {}};
    if (d.size() == 1 && simple && target == prediction::x0) {
      const R half = e.a * e.drift.h * 0.5;
      return {half, {e.drift.g[1] - half}};
    }
    const auto I = e.drift.moments();
    return interpolation_weights_implicit<R>(std::span<const R>(I), d, e.drift.h);
  }

  /// The last step's correction, now that the evaluation m0 at its target is known.
  template <coefficient R>
  value correct(recorder<R>& r, const level<R>& s, value m0) const {
    if (corrector == 0 || r.depth() == 0 || r.past(0).order == 0) return r.state();
    const memory<R>& last = r.past(0);
    const stochastic_step<R> e = between(last.at, s);
    if (!detail::finite(e.drift.h) || !detail::nowhere_zero(e.drift.h)) return r.state();
    const step_position now = r.position();
    const int allowed = ends.order(corrector < 2 ? 1 : corrector - 1, {now.index - 1, now.count});
    const history<R> then = history_of(r, last.m, last.at, predictor < allowed ? allowed : predictor, 1);
    const std::size_t known = static_cast<std::size_t>(then.count), old = static_cast<std::size_t>(allowed);
    const std::span<const R> offsets = then.offsets();
    const node_weights<R> before = predicting(e, offsets.first(static_cast<std::size_t>(last.order)));
    const implicit_weights<R> after = correcting(e, corrector == 1 ? offsets.first(0) : offsets.first(old < known ? old : known));
    node_weights<R> change{};
    for (std::size_t j = 0; j < change.size(); ++j) change[j] = after.at_node[j] - before[j];
    const value moved = weighted(r, {r.state(), 1}, e.drift.G, change, then);
    const value x = r.sum({{moved, 1}, {m0, e.drift.G * after.at_target}});
    r.correct(x);
    return x;
  }
};

}  // namespace diffode
