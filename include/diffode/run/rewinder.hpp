// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/adjoint_request.hpp"
#include "diffode/run/checkpoints.hpp"
#include "diffode/run/workspace.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode::detail {

/// A run that can be brought back to where it was, from the states that it kept.
///
/// Kept     with `every_evaluation`, of each evaluation what it was asked on, or, where its answers are needed again, the whole
///          state before it and the answers; else the start and so many states more, placed so that least is made again
/// Answers  needed wherever a run is looked at between an evaluation and the next
template <class T, class Noise, class Filter, class Backend>
class rewinder {
 public:
  rewinder(shared_plan made, std::span<const T> start, std::size_t batch, int checkpoints, bool answers, Noise noise, Filter filter, Backend on)
      : every_(checkpoints == every_evaluation), answers_needed_(answers), state_(start.begin(), start.end()), arrays_(made, std::span<T>(state_), batch, {}),
        noise_(std::move(noise)), filter_(std::move(filter)), backend_(std::move(on)) {
    if (keeps_start()) start_.assign(start.begin(), start.end());
    if (!keeps_inputs()) live_ = live_slots(*made);
    const std::size_t held = keeps_inputs() ? 1 : most_live(*made), outputs = static_cast<std::size_t>(made->model_outputs());
    const auto room = [&](bool with_answers) { return snapshot{none, std::vector<T>(held * size()), std::vector<T>(with_answers ? outputs * size() : 0), false}; };
    const int count = every_ ? made->calls() : checkpoints;
    for (int k = 0; k < count; ++k) kept_.push_back(room(every_ && answers));
    if (!every_ && answers) newest_ = room(true);
    if (made->paired()) arrays_.copy_to_partner(backend_);
    expect(0, made->calls() - 1);
  }

  /// Arrays of the state's size that such a run has, its own state among them.
  static std::size_t arrays(const diffode::plan& p, int checkpoints, bool answers) {
    const std::size_t calls = static_cast<std::size_t>(p.calls()), outputs = static_cast<std::size_t>(p.model_outputs()), live = most_live(p);
    const std::size_t working = static_cast<std::size_t>(p.slots());
    if (checkpoints == every_evaluation) return working + (answers ? 1 + calls * (live + outputs) : calls);
    return working + 1 + static_cast<std::size_t>(checkpoints) * live + (answers ? live + outputs : 0);
  }

  /// Brings the arrays to what they are before instruction `p`, as far as that goes without the model: false where it is asked.
  bool reach(std::size_t p) {
    if (keeps_inputs() && p < code().size()) return true;
    if (p < at_) go_back(p);
    target_ = p;
    return run();
  }
  /// Before the way back, which may not be the first: lays states out anew.
  void turn() {
    if (at_ < code().size()) go_back(code().size());
  }
  bool waiting() const { return waiting_; }
  /// The instruction that a run which waits, waits in.
  std::size_t at() const { return at_; }

  /// The model's answers, read until the next evaluation.
  void feed(std::span<const std::span<const T>> outputs) {
    for (std::size_t k = 0; k < outputs.size(); ++k) answer_[k] = outputs[k].data();
    if (snapshot* s = room_for_answers()) {
      for (std::size_t k = 0; k < outputs.size(); ++k)
        if (!outputs[k].empty()) copy_bytes(backend_, s->answers.data() + k * size(), outputs[k].data(), size() * sizeof(T));
      s->answered = true;
      take_answers(*s);
    }
    waiting_ = false;
    ++at_;
    ++calls_;
  }
  int calls() const { return calls_; }

  /// What the evaluation at instruction `p` is asked on, and, where `p` was reached, the array in a slot and the answer of
  /// an output.
  std::span<const T> shown(std::size_t p) const {
    if (keeps_inputs() && at_ == code().size()) return std::span<const T>(kept_[static_cast<std::size_t>(code()[p].tag)].held);
    return arrays_.slot(plan().outputs(code()[p])[0]);
  }
  std::span<const T> slot(diffode::slot s) const { return arrays_.slot(s); }
  const T* answer(int output) const { return answer_[static_cast<std::size_t>(output)]; }

  const diffode::plan& plan() const { return arrays_.plan(); }
  std::size_t size() const { return state_.size(); }
  std::size_t sample_size() const { return arrays_.sample_size(); }
  Backend& backend() { return backend_; }
  const Noise& noise() const { return noise_; }
  Filter& filter() { return filter_; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct snapshot {
    std::size_t at = none;         ///< the instruction of an evaluation
    std::vector<T> held, answers;  ///< live arrays, one after another, before it; what it answered
    bool answered = false;
  };

  bool keeps_inputs() const { return every_ && !answers_needed_; }
  bool keeps_start() const { return !keeps_inputs(); }
  std::span<const instruction> code() const { return plan().instructions(); }

  bool run() {
    for (; at_ < target_; ++at_) {
      const instruction& i = code()[at_];
      if (i.what == operation::combine) arrays_.combine(i, answer_, backend_, noise_);
      if (i.what == operation::filter)
        filter_(slot(plan().inputs(i)[0].index), arrays_.slot(plan().outputs(i)[0]), filter_call{plan().levels(i.tag), sample_size()});
      if (i.what != operation::call) continue;
      if (snapshot* s = room_for_answers(); s && s->answered) {
        take_answers(*s);
        continue;
      }
      keep(i.tag);
      waiting_ = true;
      return false;
    }
    return true;
  }

  /// Which evaluation comes last before instruction `p`, or is `p`; -1 if none does.
  int evaluation_before(std::size_t p) const {
    for (std::size_t i = p + 1 < code().size() ? p + 1 : code().size(); i-- > 0;)
      if (code()[i].what == operation::call) return code()[i].tag;
    return -1;
  }

  /// Where the answers of the evaluation that comes next are kept, if they are.
  snapshot* room_for_answers() {
    if (!answers_needed_) return nullptr;
    if (every_) return &kept_[static_cast<std::size_t>(code()[at_].tag)];
    return newest_.at == at_ ? &newest_ : nullptr;
  }
  void take_answers(const snapshot& s) {
    for (int k = 0; k < plan().model_outputs(); ++k) answer_[static_cast<std::size_t>(k)] = s.answers.data() + static_cast<std::size_t>(k) * size();
  }

  /// At evaluation number `call`, which has not been answered.
  void keep(int call) {
    if (every_) return store(kept_[static_cast<std::size_t>(call)]);
    if (call == expected_) {
      store(kept_[used_++]);
      expect(call, evaluation_before(target_));
    }
    if (answers_needed_ && call == evaluation_before(target_)) store(newest_);
  }

  /// With the state before evaluation `from` kept, and `last` to be taken back next: which one to keep on the way.
  void expect(int from, int last) {
    const int free = static_cast<int>(kept_.size() - used_), length = last + 1 - from;
    expected_ = !every_ && free > 0 && length > 1 ? from + checkpoint_distance(length, free) : -1;
  }

  void go_back(std::size_t p) {
    const int call = evaluation_before(p);
    const auto number_of = [this](const snapshot& s) { return code()[s.at].tag; };
    if (every_) return call < 0 ? load_start() : load(kept_[static_cast<std::size_t>(call)]);
    if (newest_.at != none && number_of(newest_) == call) return load(newest_);
    while (used_ > 0 && number_of(kept_[used_ - 1]) > call) --used_;
    if (used_ == 0) load_start();
    else load(kept_[used_ - 1]);
    expect(used_ == 0 ? 0 : number_of(kept_[used_ - 1]), call);
  }

  template <class Use>
  void each_held(std::size_t at, Use use) {
    if (keeps_inputs()) return use(plan().outputs(code()[at])[0], std::size_t{0});
    const std::size_t slots = static_cast<std::size_t>(plan().slots()), first = static_cast<std::size_t>(code()[at].tag) * slots;
    for (std::size_t s = 0, n = 0; s < slots; ++s)
      if (live_[first + s] == 1) use(static_cast<diffode::slot>(s), size() * n++);
  }
  void store(snapshot& to) {
    to.at = at_;
    to.answered = false;
    each_held(at_, [&](diffode::slot s, std::size_t first) { copy_bytes(backend_, to.held.data() + first, arrays_.slot(s).data(), size() * sizeof(T)); });
  }
  void load(const snapshot& from) {
    at_ = from.at;
    each_held(at_, [&](diffode::slot s, std::size_t first) { copy_bytes(backend_, arrays_.slot(s).data(), from.held.data() + first, size() * sizeof(T)); });
  }
  void load_start() {
    at_ = 0;
    copy_bytes(backend_, state_.data(), start_.data(), size() * sizeof(T));
    if (plan().paired()) arrays_.copy_to_partner(backend_);
  }

  bool every_, answers_needed_, waiting_ = false;
  std::vector<T> state_, start_;
  workspace<T> arrays_;
  std::vector<snapshot> kept_;
  snapshot newest_;
  std::size_t used_ = 0, at_ = 0, target_ = 0;
  int expected_ = -1, calls_ = 0;
  std::vector<char> live_;  ///< see live_slots
  std::array<const T*, max_outputs> answer_{};
  Noise noise_;
  [[no_unique_address]] Filter filter_;
  [[no_unique_address]] Backend backend_;
};

}  // namespace diffode::detail
