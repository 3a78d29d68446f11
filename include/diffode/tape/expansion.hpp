// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/model_statistics.hpp"
#include "diffode/core/solver_step.hpp"
#include "diffode/tape/history.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace diffode {

/// Both predictions of some evaluations, newest first, as far back as a polynomial in lambda can use them. With both, a step
/// may expand another form than the steps before it did: the two are linear in each other and in the state.
template <coefficient R>
struct evaluations_known {
  std::size_t count = 0;
  std::array<predictions, max_nodes> m{};
  std::array<level<R>, max_nodes> at{};

  /// The evaluation m at level s and what `r` remembers, which has to be x0 with eps in the place of the state.
  static evaluations_known of(const recorder<R>& r, const predictions& m, const level<R>& s) {
    evaluations_known all;
    all.m[0] = m, all.at[0] = s;
    all.count = static_cast<std::size_t>(history_of(r, m.x0, s, max_nodes).count);
    for (std::size_t k = 1; k < all.count; ++k) all.m[k] = {r.past(k - 1).m, r.past(k - 1).x}, all.at[k] = r.past(k - 1).at;
    return all;
  }
  /// These, and one that is newer.
  evaluations_known with(const predictions& newer, const level<R>& where) const {
    evaluations_known all;
    all.m[0] = newer, all.at[0] = where;
    all.count = count < max_nodes ? count + 1 : max_nodes;
    for (std::size_t k = 1; k < all.count; ++k) all.m[k] = m[k - 1], all.at[k] = at[k - 1];
    return all;
  }
  /// These without the newest.
  evaluations_known older() const {
    evaluations_known all;
    all.count = count - 1;
    for (std::size_t k = 0; k < all.count; ++k) all.m[k] = m[k + 1], all.at[k] = at[k + 1];
    return all;
  }
};

/// One step from s to t in a form of one's choice:  x_t = A x_s + G [ sum_j w_j m_j + J ],  J for v3 alone.
template <coefficient R>
class form_step {
 public:
  form_step(solver_form form, const model_statistics& statistics, const level<R>& s, const level<R>& t)
      : A(0), form_(form), statistics_(statistics), from_(s), plain_(exponential(form == solver_form::noise ? prediction::eps : prediction::x0, s, t)) {
    if (form != solver_form::v3) {
      A = plain_.A, G_ = plain_.G, first_ = plain_.first, moments_ = plain_.moments();
      return;
    }
    const statistics_step<R> v = statistics.over(s, t);
    A = v.a, G_ = -t.alpha, first_ = G_ * v.W[0], J_ = v.J;
    for (std::size_t k = 0; k < v.W.size(); ++k) moments_[k] = v.W[k];
  }

  R A;  ///< weight of the state

  /// Weights of an expansion around evaluation `base`, which is where the step starts.
  node_weights<R> weights(const expansion& how, const evaluations_known<R>& all, std::size_t base) const {
    std::array<R, max_nodes> x{};
    for (std::size_t k = 0; k < all.count; ++k) x[k] = all.at[k].lambda - from_.lambda;
    const R relax = detail::relaxed(how, plain_, form_ == solver_form::noise ? plain_.h : R(-plain_.h));
    return detail::expansion_weights(how, std::span<const R>(moments_), relax, std::span<const R>(x.data(), all.count), base);
  }

  /// x + G [ sum_j w_j m_j + J ], where x carries what belongs to the state.
  value sum(recorder<R>& r, const term<R>& x, const node_weights<R>& w, const evaluations_known<R>& all) const { return sum(r, x, w, all, J_); }
  /// The same for weights that change a step which is made: J is in the state already.
  value change(recorder<R>& r, value x, const node_weights<R>& w, const evaluations_known<R>& all) const { return sum(r, {x, R(1)}, w, all, R(0)); }
  /// The step while the prediction is constant, which has a limit next to infinite lambda too.
  value first_order(recorder<R>& r, value x, const predictions& m) const {
    if (form_ != solver_form::v3) return r.sum({{x, A}, {seen(r, m, from_), first_}});
    return r.sum({{x, A}, {seen(r, m, from_), first_}, {r.one(), G_ * J_}});
  }

  /// The prediction of the form, from both predictions of an evaluation.
  value seen(recorder<R>& r, const predictions& m, const level<R>& at) const {
    if (form_ == solver_form::data) return m.x0;
    if (form_ == solver_form::noise) return m.eps;
    const R l = statistics_.l(at.lambda);
    return r.sum({{m.x0, -l}, {m.eps, detail::ratio_or_zero<R>((1 - l) * at.sigma, at.alpha)}});
  }
  /// Both predictions if x is the state at `at` and the prediction of the form stays what it is in m.
  predictions kept(recorder<R>& r, const predictions& m, value x, const level<R>& at) const {
    if (form_ == solver_form::data) return {m.x0, r.sum({{x, 1 / at.sigma}, {m.x0, -at.alpha / at.sigma}})};
    if (form_ == solver_form::noise) return {r.sum({{x, 1 / at.alpha}, {m.eps, -at.sigma / at.alpha}}), m.eps};
    const value f = seen(r, m, at);
    const R l = statistics_.l(at.lambda);
    return {r.sum({{x, (1 - l) / at.alpha}, {f, -1}}), r.sum({{x, l / at.sigma}, {f, at.alpha / at.sigma}})};
  }

 private:
  value sum(recorder<R>& r, const term<R>& x, const node_weights<R>& w, const evaluations_known<R>& all, const R& J) const {
    std::array<term<R>, max_nodes + 2> terms{};
    terms[0] = x;
    R constant = J;
    for (std::size_t k = 0; k < all.count; ++k) {
      R fade = 1;
      if (form_ == solver_form::v3) {
        const statistics_shift<R> there = statistics_.shift(from_.lambda, all.at[k].lambda);
        fade = there.fade;
        constant = constant - w[k] * there.B;
      }
      terms[k + 1] = {seen(r, all.m[k], all.at[k]), G_ * w[k] * fade};
    }
    if (form_ != solver_form::v3) return r.sum(std::span<const term<R>>(terms.data(), all.count + 1));
    terms[all.count + 1] = {r.one(), G_ * constant};
    return r.sum(std::span<const term<R>>(terms.data(), all.count + 2));
  }

  solver_form form_;
  const model_statistics& statistics_;
  level<R> from_;
  exponential_step<R> plain_;
  R G_ = 0, first_ = 0, J_ = 0;
  std::array<R, 5> moments_{};
};

}  // namespace diffode
