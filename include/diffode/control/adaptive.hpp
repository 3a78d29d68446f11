// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/lanes.hpp"
#include "diffode/schedule/noise_path.hpp"

#include <cmath>
#include <string_view>
#include <utility>

namespace diffode {

/// Over what an error is averaged before it is judged; the samples of a batch always share their steps.
enum class error_norm {
  worst_sample,  ///< root mean square of each sample, the largest counts: no sample is worse than the tolerance
  whole_batch,   ///< root mean square over the batch: a bad sample may hide among good ones
};

/// How the next step size follows from the error E of an attempt, E = 1 being as large as the tolerances allow, and from
/// the two accepted before it: h is multiplied by
///
///     f = safety * q_n^((p+i+d)/k) * q_{n-1}^(-(p+2d)/k) * q_{n-2}^(d/k),       q = 1/(E + floor), k the method's order
///
/// where E + floor counts as 1e-10 if it is less, unless p and d are 0.
///
/// Source  Lu et al. 2022, arXiv:2206.00927, appendix C (i = 1 alone); PID: Soederlind 2003, Digital filters in adaptive
///         time-stepping, in the form of k-diffusion and torchsde
struct step_rule {
  double p = 0, i = 1, d = 0;
  double safety = 0.9, floor = 0;
  bool smooth = false;     ///< f becomes 1 + atan(f - 1), and an attempt is accepted if that is at least `accept`;
  double accept = 0.81;    ///< otherwise it is accepted if E <= 1
  error_norm over = error_norm::worst_sample;

  /// dpm-solver's own.
  static step_rule dpm_solver() { return {}; }
  /// k-diffusion's `dpm_adaptive`.
  static step_rule k_diffusion() { return {.safety = 1, .floor = 1e-8, .smooth = true, .over = error_norm::whole_batch}; }
  /// Proportional and integral: fewer rejections where the error swings.
  static step_rule pi() { return {.p = 0.3, .i = 0.4}; }
};

/// from, to      times on the path; from noise to data, or from data to noise
/// rtol, atol    an error of max(atol, rtol * |x|) is as large as allowed, x an element of the state
/// first_step    tried first, in lambda
/// most_calls    evaluations that the run may cost at most; an attempt that would exceed it is not begun
struct adaptive_options {
  double from = 1, to = 1e-3;
  double rtol = 0.05, atol = 0.0078;
  double first_step = 0.05;
  int most_calls = 1000;
  step_rule rule{};
  /// The run is over as close as this to `to`, in lambda or in the path's time: less than the whole way. dpm-solver stops within 1e-5 in time,
  /// k-diffusion within 1e-5 in lambda.
  double within_lambda = 0, within_time = 0;
};

/// One attempt of a step, and what came of it.
struct attempt {
  level<> from, to;
  double error = 0;
  bool accepted = false;
};

/// Chooses the levels of a run on the way, so that the error of each step stays within tolerances.
///
/// Semantics  a control for methods with a second opinion on their result (`recorder::estimate`) and no history
class adaptive {
 public:
  adaptive(noise_path path, const adaptive_options& o) : path_(std::move(path)), options_(o) {
    if (check_path()) return;
    first_ = path_.at(o.from), last_ = path_.at(o.to);
  }

  /// What the rule remembers on the way.
  struct state {
    double h = 0;
    double q[3] = {0, 0, 0};
    bool begun = false;
  };

  const adaptive_options& options() const { return options_; }
  level<> first() const { return first_; }
  state start() const { return {.h = std::fmin(options_.first_step, left(first_))}; }
  /// Where to try to go from here.
  level<> next(const level<>& here, const state& now) const {
    return now.h >= left(here) * (1 - 1e-12) ? last_ : path_.at_lambda(here.lambda + direction() * now.h);
  }
  bool arrived(const level<>& here) const {
    return left(here) <= options_.within_lambda || std::abs(here.t - last_.t) <= options_.within_time;
  }

  /// Whether an attempt of a method of this order counts, and how long the next is from `here`, if it does, `there`.
  bool judge(state& now, int order, double error, const level<>& here, const level<>& there) const {
    const step_rule& rule = options_.rule;
    const bool number = std::isfinite(error);
    // A rule with a memory divides by it: no error at all would make every later step one of no length.
    const double q = 1 / std::fmax(error + rule.floor, rule.p == 0 && rule.d == 0 ? 0 : least_error);
    if (!now.begun && number) now.q[0] = now.q[1] = now.q[2] = q, now.begun = true;
    now.q[0] = q;
    // An error that is no number, or infinite, says only that the step was far too long.
    double factor = number ? rule.safety * power(now.q[0], (rule.p + rule.i + rule.d) / order) * power(now.q[1], -(rule.p + 2 * rule.d) / order) *
                                 power(now.q[2], rule.d / order)
                           : 0.1;
    if (rule.smooth && number) factor = 1 + std::atan(factor - 1);
    const bool accepted = number && (rule.smooth ? factor >= rule.accept : error <= 1);
    if (accepted) now.q[2] = now.q[1], now.q[1] = now.q[0];
    const double rest = left(accepted ? there : here), wanted = now.h * factor;
    now.h = rule.smooth ? wanted : std::fmin(wanted, rest);
    return accepted;
  }
  /// Steps so short that the run does not come forward.
  bool stuck(const level<>& here, const state& now) const { return !(now.h > 1e-12 * (1 + std::abs(here.lambda))) && !arrived(here); }

  level<> between(double lambda) const { return path_.at_lambda(lambda); }
  level<> at_time(double t) const { return path_.at(t); }

  /// Nothing, or which of the options is wrong.
  fault check() const {
    using detail::refuse;
    const adaptive_options& o = options_;
    if (const fault f = check_path()) return f;
    if (!std::isfinite(first_.lambda)) return refuse(errc::bad_grid, "adaptive: lambda at from = ", o.from, " is ", first_.lambda, ", needs a finite number");
    if (!std::isfinite(last_.lambda)) return refuse(errc::bad_grid, "adaptive: lambda at to = ", o.to, " is ", last_.lambda, ", needs a finite number; end above sigma = 0 and add an evaluation (denoise_at_end)");
    if (first_.lambda == last_.lambda) return refuse(errc::bad_grid, "adaptive: to is ", o.to, ", needs another level than from");
    if (!(o.rtol >= 0) || !(o.atol >= 0) || !std::isfinite(o.rtol + o.atol) || o.rtol + o.atol == 0)
      return refuse(errc::bad_grid, "adaptive: rtol is ", o.rtol, " and atol is ", o.atol, ", needs finite numbers from 0, not both 0");
    if (!(o.first_step > 0) || !std::isfinite(o.first_step)) return refuse(errc::bad_grid, "adaptive: first_step is ", o.first_step, ", needs a number above 0");
    if (o.most_calls < 1) return refuse(errc::bad_grid, "adaptive: most_calls is ", o.most_calls, ", needs at least 1");
    const struct { std::string_view name; double is, way; } near[] = {
        {"within_lambda", o.within_lambda, left(first_)}, {"within_time", o.within_time, std::abs(last_.t - first_.t)}};
    for (const auto& [name, is, way] : near)
      if (!(is >= 0 && is < way)) return refuse(errc::bad_grid, "adaptive: ", name, " is ", is, ", needs a number from 0 and below ", way, ", the way to go");
    return check_rule();
  }

 private:
  fault check_rule() const {
    const step_rule& r = options_.rule;
    const struct { std::string_view name; double is; bool right; } all[] = {
        {"p", r.p, std::isfinite(r.p)}, {"i", r.i, std::isfinite(r.i)}, {"d", r.d, std::isfinite(r.d)},
        {"safety", r.safety, r.safety > 0 && r.safety <= 1}, {"floor", r.floor, r.floor >= 0 && std::isfinite(r.floor)}, {"accept", r.accept, r.accept > 0 && r.accept < 1}};
    for (const auto& one : all)
      if (!one.right)
        return detail::refuse(errc::bad_grid, "adaptive: rule.", one.name, " is ", one.is, ", needs ", one.name == "safety" ? "a number above 0, at most 1" : one.name == "accept" ? "a number between 0 and 1" : one.name == "floor" ? "a finite number from 0" : "a finite number");
    if (!(r.p + r.i + r.d > 0)) return detail::refuse(errc::bad_grid, "adaptive: rule.p + rule.i + rule.d is ", r.p + r.i + r.d, ", needs to be above 0: or steps grow with their errors");
    return {};
  }
  fault check_path() const {
    if (const fault f = path_.check()) return f;
    const time_range all = path_.range();
    const double low = std::fmin(all.clean, all.noisy), high = std::fmax(all.clean, all.noisy);
    for (const auto& [name, t] : {std::pair{"from", options_.from}, std::pair{"to", options_.to}})
      if (!(t >= low && t <= high))
        return detail::refuse(errc::bad_grid, "adaptive: ", name, " is ", t, ", needs a time of the path ", path_.name, ", from ", low, " to ", high);
    return {};
  }

  static constexpr double least_error = 1e-10;

  double direction() const { return last_.lambda > first_.lambda ? 1 : -1; }
  double left(const level<>& here) const { return direction() * (last_.lambda - here.lambda); }
  // 0 to the power of 0 is 1, and so is infinity: a term that the rule leaves out.
  static double power(double base, double exponent) { return exponent == 0 ? 1 : std::pow(base, exponent); }

  noise_path path_;
  adaptive_options options_;
  level<> first_, last_;
};

}  // namespace diffode
