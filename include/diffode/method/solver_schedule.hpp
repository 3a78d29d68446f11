// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/expansion.hpp"
#include "diffode/tape/own_times.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

namespace diffode {

/// What the first prediction of a run is: the model's, or a guess that saves an evaluation (AFS).
enum class first_prediction {
  asked,    ///< the model's
  zero_x0,  ///< x0 = 0, eps = x/sigma
  mean_x0,  ///< x0 = the mean of the data, eps = (x - alpha x0)/sigma
};

/// A run with choices of its own for every step, in the space that the solvers of the literature are points of.
///
/// Source       Liu et al. 2023, arXiv:2312.07243 (USF). From the authors' code, not from the paper's text: with I_k the moments
///              of core/exponential.hpp, h = lambda_t - lambda_s and m the prediction of the form that the step chooses,
///                  x_t = A x_s + G [ I_0 m + R I_1 m' + I_2/2! m'' + I_3/3! m''' ]
///              with the derivatives taken from any earlier evaluations, and R as relaxation says
/// Order        the least of its steps, as long as the first ones, which have no history, do not count
/// Evaluations  1 per step, 2 with an implicit corrector; none for a first prediction that is guessed
/// Memory       of past evaluations x0 or eps, whichever later steps use, or both: 4 evaluations at most
/// Contains     dpmpp_2m: order 2, bh2. unipc with bh1 or bh2: order p, relaxed where it is 2, and a pseudo corrector of order
///              p + 1, relaxed where it is 2; with exact weights: all of factor 1. deis in log_rho: noise, factor 1.
///              dpm_v3 with `full` corrector: v3, factor 1. Tests show each
/// Ends         order 1 and no corrector next to infinite lambda; the last point is never corrected
/// Differs      from the authors' code: a guessed first prediction holds in every form (theirs is x where eps = x/sigma is
///              meant), the implicit corrector works (theirs is never reached), skip weights of a U-Net are not part of it
/// Errors       refuses no steps, choices out of range, times that are not one more than steps, a mean that is not finite; when
///              planned, a grid of another number of steps or other times, and levels that are not in the statistics
struct solver_schedule {
  std::vector<solver_step> steps{};
  std::vector<double> times{};  ///< of the levels it was made for: from_times(path, times) is its grid; empty: any grid
  first_prediction first = first_prediction::asked;
  std::vector<double> mean{};   ///< mean_x0: of the data, one number, or one for each lane
  model_statistics statistics = model_statistics::data_prediction();  ///< v3

  static constexpr prediction target = prediction::x0;
  static constexpr const char* name = "solver_schedule";
  static constexpr int keep() { return max_nodes - 1; }
  int order() const {
    int least = steps.empty() ? 0 : steps[0].predict.order;
    for (const solver_step& s : steps) least = s.predict.order < least ? s.predict.order : least;
    return least;
  }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    if (refused(r, s, t)) return r.state();
    const solver_step& now = steps[static_cast<std::size_t>(r.position().index)];
    const predictions here = r.position().index == 0 ? first_of(r, s) : corrected(r, s);
    r.remember(here.x0, s, 1, here.eps);
    const evaluations_known<R> all = evaluations_known<R>::of(r, here, s);
    // A start that a run does not have yet is the oldest that it has.
    const std::size_t wished = static_cast<std::size_t>(now.start), start = wished < all.count ? wished : all.count - 1;
    const level<R>& from = all.at[start];
    const value x = start == 0 ? r.state() : r.sum({{all.m[start].x0, from.alpha}, {all.m[start].eps, from.sigma}});
    const form_step<R> over(now.form, statistics, from, t);
    if (!detail::finite(from.lambda) || !detail::finite(t.lambda)) return over.first_order(r, x, all.m[start]);
    const value reached = over.sum(r, {x, over.A}, over.weights(now.predict, all, start), all);
    if (now.corrector != solver_corrector::implicit) return reached;
    const evaluations_known<R> more = all.with(r.predict_both(reached, t), t);
    return over.sum(r, {x, over.A}, over.weights(now.correct, more, start + 1), more);
  }

  fault check() const {
    using detail::refuse;
    if (steps.empty()) return refuse(errc::bad_method, name, ": number of steps is 0, needs at least 1");
    if (!times.empty() && times.size() != steps.size() + 1)
      return refuse(errc::bad_method, name, ": number of times is ", times.size(), ", needs ", steps.size() + 1, ", one more than steps, or none");
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (const fault f = detail::check_step(std::string_view(detail::text(name, ": steps[", i, "]")), steps[i])) return f;
    if (const fault f = detail::check_times(name, times)) return f;
    if (first == first_prediction::mean_x0 && mean.empty()) return refuse(errc::bad_method, name, ": mean has 0 numbers, needs at least 1 with mean_x0");
    for (std::size_t i = 0; i < mean.size(); ++i)
      if (!std::isfinite(mean[i])) return refuse(errc::bad_method, name, ": mean[", i, "] is ", mean[i], ", needs a finite number");
    return {};
  }

 private:
  template <coefficient R>
  predictions first_of(recorder<R>& r, const level<R>& s) const {
    if (first == first_prediction::asked) return r.predict_both(r.state(), s);
    R center = 0;
    if (first == first_prediction::mean_x0) {
      if constexpr (std::same_as<R, double>) center = mean[0];
      else center = R(mean);
    }
    const value one = r.one();
    return {r.sum({{one, center}}), r.sum({{r.state(), 1 / s.sigma}, {one, -(s.alpha / s.sigma) * center}})};
  }

  /// The evaluation at s, after which the state is what the last step would have reached, had it known that evaluation. The
  /// prediction that the step expanded stays; the other is what is left of the state.
  template <coefficient R>
  predictions corrected(recorder<R>& r, const level<R>& s) const {
    const predictions here = r.predict_both(r.state(), s);
    const solver_step& last = steps[static_cast<std::size_t>(r.position().index) - 1];
    const evaluations_known<R> all = evaluations_known<R>::of(r, here, s);
    if (last.corrector != solver_corrector::pseudo || all.count < 2) return here;
    const std::size_t wished = static_cast<std::size_t>(last.start) + 1, start = wished < all.count ? wished : all.count - 1;
    const form_step<R> over(last.form, statistics, all.at[start], s);
    const node_weights<R> predicted = over.weights(last.predict, all.older(), start - 1);
    node_weights<R> change = over.weights(last.correct, all, start);
    for (std::size_t j = 0; j + 1 < all.count; ++j) change[j + 1] = change[j + 1] - predicted[j];
    const value x = over.change(r, r.state(), change, all);
    r.correct(x);
    return over.kept(r, here, x, s);
  }

  template <coefficient R>
  bool refused(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const fault f = fits(r.position(), r.lanes(), s, t);
    if (f) r.refuse(f->what());
    return f.has_value();
  }
  /// Nothing, or why this schedule is not for such a step.
  template <coefficient R>
  fault fits(const step_position& where, std::size_t lanes, const level<R>& s, const level<R>& t) const {
    using detail::refuse;
    if (where.count != static_cast<int>(steps.size()))
      return refuse(errc::bad_method, "the grid has ", where.count, " steps, needs ", steps.size(), ", one for each of `steps`");
    if (mean.size() > 1 && mean.size() != lanes)
      return refuse(errc::bad_method, "mean has ", mean.size(), " numbers, needs 1, or as many as the run has lanes, ", lanes);
    if (const fault f = detail::at_times(times, where, s, t)) return f;
    if (!uses_statistics()) return {};
    if (const std::size_t n = statistics.columns(); n != 1 && n != lanes)
      return refuse(errc::bad_method, "statistics have ", n, " columns, needs 1, or as many as the run has lanes, ", lanes);
    if (const fault f = statistics.check(s.lambda)) return f;
    return statistics.check(t.lambda);
  }
  bool uses_statistics() const {
    for (const solver_step& s : steps)
      if (s.form == solver_form::v3) return true;
    return false;
  }
};

}  // namespace diffode
