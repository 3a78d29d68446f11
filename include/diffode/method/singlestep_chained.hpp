// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/option.hpp"
#include "diffode/core/stages.hpp"
#include "diffode/core/stochastic.hpp"
#include "diffode/tape/history.hpp"
#include "diffode/tape/increment.hpp"

namespace diffode {

/// DPM-Solver and DPM-Solver++ single-step methods whose stages are the points of the grid, as diffusers has them.
///
/// Source       DPMSolverSinglestepScheduler of diffusers; weights, Lu et al. 2022, arXiv:2206.00927 and arXiv:2211.01095
/// Order        p where the rounds of p points are evenly spaced in lambda; in between, the states are those of the stages.
///              2 at p = 3 on grids whose second stage is not near 2/3 of its round
/// Evaluations  1 per step          Memory  p - 1 predictions, and the state at the start of the round
/// Ends         first order on a step to sigma = 0 or from alpha = 0. Rounds 1, 2, ..., p are laid from the end, so that the
///              last state is of full order and a short round comes first; else as `ends` says: ramp::given repeats a list
/// Noise        one per step if eta > 0, none on a step to sigma = 0. An update that starts again from the round's first state
///              takes along what was drawn on the way, so that the round's states lie on one path; with eta > 0 the variance on
///              normal data has order 2 (1 at p = 1)
/// Differs      diffusers lays its rounds from the start and ends them early: ramp::given(chained_orders(...)) of
///              grid/budget.hpp. Its second stage of three is a 2S step, (g_1/2)(m1 - m0)/r1, where singlestep has
///              (r2/r1) g_2 (m1 - m0)
/// Legacy       redrawn: diffusers draws the noise of each update anew, over the whole way from the round's first state, so
///              that evaluations belong to another path than the state; the variance then has order 1. flipped: its
///              sde-dpmsolver++ of order 3 with solver_type heun has the wrong sign of 1/2 in the curvature (g_3 - 1 where g_3 is
///              meant); its drift has order 1, and with noise the variance grows many times too large
/// Names        diffusers DPMSolverSinglestepScheduler (sde-dpmsolver++ is eta = 1)
/// Errors       refuses p outside 1 to 3, eta outside [0, 1e6], `flipped` where it means nothing, ramps with orders above p; with
///              eta > 0, a step towards noise when planned
///
/// The update of order k at point s starts from point b, k - 1 points before, whose state x_b was kept, and goes to t with
/// h = lambda_t - lambda_b; A, G, g_k, c of core/stochastic.hpp for that way, stages at r1 and r2 of it, the newest at s:
///     k = 1:  x_t = A x_b + G g_1 m_b + c z
///     k = 2:  x_t = A x_b + G [ g_1 m_b + S/r1 (m_s - m_b) ] + c z        S = g_1/2 midpoint, g_2 heun
///     k = 3:  x_t = A x_b + G [ g_1 m_b + g_2/r2 (m_s - m_b) ] + c z      midpoint; heun takes the parabola
/// and with noise n(t) = A(s, t) n(s) + c(s, t) z in place of c z, where n(s) is what x_s has beyond its own update.
struct singlestep_chained {
  int p = 2;
  slope form = slope::midpoint;
  double eta = 0;        ///< strength of the noise, tau^2: 0 the flow, 1 the reverse SDE
  bool redrawn = false;  ///< noise of each update drawn anew, as diffusers does
  bool flipped = false;  ///< three-point updates with diffusers' sign of the curvature
  prediction target = prediction::x0;
  ramp ends{};

  static constexpr const char* name = "singlestep_chained";
  constexpr int keep() const { return p - 1; }
  constexpr int order() const { return flipped ? 1 : p; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m = r.predict(x, s);
    const bool bounded = detail::finite(s.lambda) && detail::finite(t.lambda);
    const history<R> nodes = history_of(r, m, s, bounded ? planned(r.position()) : 1);
    r.remember(m, s, nodes.count, x);
    const std::size_t back = static_cast<std::size_t>(nodes.count) - 1;
    const memory<R> first = back == 0 ? memory<R>{m, s, 1, x} : r.past(back - 1);
    const value drift = update(r, first, t, nodes);
    if (eta == 0 || every([](double sigma) { return sigma == 0; }, t.sigma)) return drift;

    const bool anew = back > 0 && (redrawn || r.past(0).order != static_cast<int>(back));
    const level<R>& from = anew ? first.at : s;
    const stochastic_step<R> e = stochastic(target, R(eta), from, t);
    const term<R> z{increment(r, target, eta, from, t), e.c};
    if (back == 0 || anew) return r.sum({{drift, 1}, z});
    // What was drawn on the way to s is what x has beyond its own update without noise.
    const value quiet = update(r, first, s, history_of(r, r.past(0).m, r.past(0).at, nodes.count - 1, 1));
    return r.sum({{drift, 1}, {x, e.drift.A}, {quiet, -e.drift.A}, z});
  }

  fault check() const {
    using detail::refuse;
    if (p < 1 || p > 3) return refuse(errc::bad_method, "singlestep_chained: order p is ", p, ", needs 1 to 3");
    if (const fault f = detail::check_strength(name, "eta", eta)) return f;
    if (redrawn && eta == 0) return refuse(errc::bad_method, "singlestep_chained: redrawn is true, needs false where eta is 0: nothing is drawn");
    if (flipped && (p < 3 || form != slope::heun || eta == 0 || target != prediction::x0))
      return refuse(errc::bad_method, "singlestep_chained: flipped is true, needs false except with p = 3, slope::heun, eta > 0 and target x0");
    return ends.check(name, p);
  }

 private:
  int planned(step_position where) const {
    const int allowed = ends.order(p, where), in_round = p - (where.remaining() - 1) % p;
    return !ends.orders.empty() || allowed < in_round ? allowed : in_round;
  }

  /// From the round's first state to t, without noise.
  template <coefficient R>
  value update(recorder<R>& r, const memory<R>& first, const level<R>& t, const history<R>& nodes) const {
    const exponential_step<R> e = stochastic(target, R(eta), first.at, t).drift;
    if (nodes.count == 1) return r.sum({{first.x, e.A}, {first.m, e.first}});
    return weighted(r, {first.x, e.A}, e.G, weights_of(e, nodes), nodes);
  }

  /// In the order of `nodes`, newest first: the round's first evaluation comes last.
  template <coefficient R>
  node_weights<R> weights_of(exponential_step<R> e, const history<R>& nodes) const {
    if (nodes.count == 2) {
      const node_weights<R> w = two_stage_weights(e, form, R(nodes.d[1] / e.h));
      return {w[1], w[0]};
    }
    if (flipped) e.g[3] = e.g[3] - 1;
    const node_weights<R> w = three_stage_weights(e, form, R((nodes.d[2] - nodes.d[1]) / e.h), R(nodes.d[2] / e.h));
    return {w[2], w[1], w[0]};
  }
};

}  // namespace diffode
