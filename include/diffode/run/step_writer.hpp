// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/control/adaptive.hpp"
#include "diffode/run/compile.hpp"

#include <limits>
#include <vector>

namespace diffode {

namespace detail {

/// Writes single steps down, one after another, each as a small plan that leaves its inputs as they are. Once it has
/// written one of each kind it allocates nothing.
template <method M, class Form>
class step_writer {
 public:
  /// Where the plan's arrays are. In: the state, and the result of lower order of the step before. Out: the two results.
  /// What was predicted at the step's start comes in if the step is tried again; -1 for what is not there.
  struct slots {
    slot high = -1, low = -1, x0 = -1, eps = -1;
  };

  fault write(const M& how, const adaptive& where, const Form& form, const level<>& s, const level<>& t, int step, bool knows_x0, bool knows_eps) {
    code_.clear();
    noises_.clear();
    const value x = code_.input(), low_before = code_.input();
    predictions known{value::none, value::none};
    if (knows_x0) known.x0 = code_.input();
    if (knows_eps) known.eps = code_.input();
    const step_context<double> context{
        .state = x, .s = s, .t = t, .where = {step, std::numeric_limits<int>::max()}, .target = how.target, .method = how.name,
        .model = view_of<double>(form), .between = [](const void* c, const double& l) { return static_cast<const adaptive*>(c)->between(l); },
        .at_time = [](const void* c, const double& at) { return static_cast<const adaptive*>(c)->at_time(at); }, .control = &where, .lanes = 1,
        .watch_denoised = false, .analytical_first = false, .known = known};
    recorder<double> r(code_, {}, noises_, context);
    const value high = code_.held(how.step(r, s, t));
    if (code_.reason()) return code_.reason();
    if (r.estimate == value::none)
      return refuse(errc::bad_method, how.name, ": step ", step, " has no estimate of lower order, needs one for adaptive control: take heun, dpm2, singlestep with p = 2 or 3, "
                    "exponential_rk with a tableau of order 2, or rk with a tableau that has weights low and estimate = true");
    if (!noises_.empty()) return refuse(errc::bad_method, how.name, ": it draws noise, needs none for adaptive control: which steps are accepted would depend on it");
    code_.mark_last_of_step(0);
    const value low = code_.held(r.estimate);
    const predictions first = kept(r.first_evaluation(), how.target);
    results_.assign({high, low});
    if (first.x0 != value::none) results_.push_back(code_.held(first.x0));
    const std::size_t before_eps = results_.size();
    if (first.eps != value::none) results_.push_back(code_.held(first.eps));
    code_.measure(high, low, low_before);
    lowering_.open(code_, results_, plan_facts{.method = how.name, .lanes = lane_map(), .steps = 1, .model_outputs = form.mix.outputs, .noises = std::span<const noise_interval>()});
    places_ = {lowering_.where(high), lowering_.where(low), first.x0 == value::none ? -1 : lowering_.where(results_[2]),
               first.eps == value::none ? -1 : lowering_.where(results_[before_eps])};
    return check_size(plan());
  }

  const diffode::plan& plan() const { return lowering_.made(); }
  const slots& places() const { return places_; }

 private:
  /// One prediction is enough to have the other, unless a filter changed one of them.
  static predictions kept(predictions p, prediction target) {
    if (Form::filters || p.x0 == value::none || p.eps == value::none) return p;
    (target == prediction::x0 ? p.eps : p.x0) = value::none;
    return p;
  }

  tape<double> code_;
  std::vector<noise_interval> noises_;
  std::vector<value> results_;
  lowering<double> lowering_;
  slots places_;
};

}  // namespace detail

}  // namespace diffode
