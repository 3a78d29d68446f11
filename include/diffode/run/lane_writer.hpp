// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/compile.hpp"

#include <cstddef>
#include <iterator>
#include <span>
#include <vector>

namespace diffode::detail {

/// Writes the steps of a run down one after another, each as a small plan of its own, with what earlier steps remember among
/// its inputs and what later ones may ask for among its results.
///
/// Input k of a step is result k of the one before: the state, then what is remembered, the oldest first, so that sums have the
/// order that they have in a plan of the whole run.
template <method M, class Form>
class lane_writer {
 public:
  /// `levels` says where the points of the noise path are; its own levels are not looked at.
  lane_writer(const grid& levels, lane_map map) : path_(levels, map), map_(map) {}

  fault write(const M& how, const Form& form, const level<lanes>& s, const level<lanes>& t, step_position where) {
    code_.clear();
    for (std::size_t k = 0; k < (results_.empty() ? 1 : results_.size()); ++k) code_.input();
    const step_context<lanes> context{
        .state = value{0}, .s = s, .t = t, .where = where, .target = how.target, .method = how.name, .model = view_of<lanes>(form),
        .between = [](const void* c, const lanes& l) { return static_cast<const fixed<lanes>*>(c)->between(l); },
        .at_time = [](const void* c, const lanes& at) { return static_cast<const fixed<lanes>*>(c)->at_time(at); }, .control = &path_, .lanes = map_.count,
        .watch_denoised = false, .analytical_first = false, .carried = carried_};
    recorder<lanes> r(code_, past_, noises_, context);
    const value reached = code_.held(how.step(r, s, t));
    if (code_.reason()) return code_.reason();
    code_.mark_last_of_step(0);
    keep(r.remembered, static_cast<std::size_t>(how.keep()));
    carried_ = r.carry;
    hand_over(reached);
    lowering_.open(code_, results_, plan_facts{.method = how.name, .lanes = map_, .steps = 1, .model_outputs = form.mix.outputs, .noises = noises_}, false);
    places_.clear();
    for (const value v : results_) places_.push_back(lowering_.where(v));
    rename();
    return check_size(plan());
  }

  const diffode::plan& plan() const { return lowering_.made(); }
  /// In which slot of the plan each result is.
  std::span<const slot> places() const { return {places_.data(), places_.size()}; }
  /// What the noise of all steps so far consists of, streams x lanes.
  std::span<const noise_interval> noises() const { return {noises_.data(), noises_.size()}; }

 private:
  void keep(std::vector<memory<lanes>>& fresh, std::size_t most) {
    past_.insert(past_.begin(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
    if (past_.size() > most) past_.erase(past_.begin() + static_cast<std::ptrdiff_t>(most), past_.end());
  }

  /// Every value that the next step may read, the state first, the others in the order in which they came to be.
  void hand_over(value reached) {
    results_.assign(1, reached);
    each_kept([&](value& v) {
      v = code_.held(v);
      std::size_t k = 1;
      while (k < results_.size() && results_[k] < v) ++k;
      if (v != reached && (k == results_.size() || results_[k] != v)) results_.insert(results_.begin() + static_cast<std::ptrdiff_t>(k), v);
    });
  }
  /// From the names of this step to those of the next.
  void rename() {
    each_kept([&](value& v) {
      std::size_t k = 0;
      while (results_[k] != v) ++k;
      v = static_cast<value>(static_cast<int>(k));
    });
  }
  template <class F>
  void each_kept(F f) {
    for (memory<lanes>& m : past_) {
      f(m.m);
      if (m.x != value::none) f(m.x);
    }
    if (carried_ != value::none) f(carried_);
  }

  fixed<lanes> path_;
  lane_map map_;
  tape<lanes> code_;
  std::vector<memory<lanes>> past_;
  value carried_ = value::none;
  std::vector<noise_interval> noises_;
  std::vector<value> results_;
  std::vector<slot> places_;
  lowering<lanes> lowering_;
};

}  // namespace diffode::detail
