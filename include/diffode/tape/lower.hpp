// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/liveness.hpp"
#include "diffode/tape/slot_pool.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// Facts of a run that are not on its tape.
struct plan_facts {
  std::string_view method;
  lane_map lanes;
  int steps, model_outputs;
  std::span<const noise_interval> noises;  ///< streams x lanes
  bool paired = false;                     ///< slot 1 is an input and a result too
  bool own_state = false;                  ///< slots of inputs are for what comes from them alone
};

/// Turns a tape into a plan: calls and filters cut it into segments, and of each segment only what is read later is
/// computed, in one combine.
///
/// A slot is free for the outputs of the very combine that reads it last.
///
/// Input k starts in slot k, and what comes from it goes there again unless a value that is read later lies there. On a tape with an input of its own for
/// each evaluation these lie in one slot more, the next one, and nothing else ever does.
///
/// An object can be used again and again: it keeps its memory.
template <coefficient R>
class lowering {
 public:
  /// `result` must be the last sum of the tape; it ends in slot 0.
  static plan run(const tape<R>& code, value result, const plan_facts& facts) {
    const value ends[] = {result};
    lowering l;
    l.write(code, facts, ends, {});
    l.bring_home(ends);
    return std::move(l.plan_);
  }
  /// Several results, result k in slot k at the end: where several inputs travel through a run together.
  static plan run(const tape<R>& code, std::span<const value> results, const plan_facts& facts) {
    lowering l;
    l.write(code, facts, results, {});
    l.bring_home(results);
    return std::move(l.plan_);
  }
  /// The results stay where they come to be, see where(): for runs that are planned step by step. Where a step may be taken
  /// back, its inputs have to survive it.
  void open(const tape<R>& code, std::span<const value> results, const plan_facts& facts, bool inputs_survive = true) {
    write(code, facts, results, {.is_open = true, .inputs_survive = inputs_survive});
    plan_.slot_count_ = slots_.size();
  }
  slot where(value v) const { return places_[static_cast<std::size_t>(v)].where; }
  const plan& made() const { return plan_; }

 private:
  struct place {
    slot home = -1;  ///< where a value belongs
    slot where = -1;
    int column = -1;  ///< which input it is of the combine being written
  };

  struct closing {
    bool is_open = false;  ///< results stay where they are
    bool inputs_survive = false;
  };

  void write(const tape<R>& code, const plan_facts& facts, std::span<const value> results, const closing& end) {
    code_ = &code;
    life_.find(code, results, end.inputs_survive);
    plan_.clear();
    plan_.method_ = facts.method;
    plan_.lanes_ = facts.lanes;
    plan_.steps_ = facts.steps;
    plan_.noises_.assign(facts.noises.begin(), facts.noises.end());
    plan_.model_outputs_ = facts.model_outputs;
    plan_.paired_ = facts.paired;
    plan_.own_state_ = facts.own_state;
    places_.clear();
    for (const node<R>& n : code.nodes()) places_.push_back({.home = n.home});
    for (std::size_t k = results.size(); !end.is_open && k-- > 0;) of(results[k]).home = static_cast<slot>(k);
    const std::size_t inputs = static_cast<std::size_t>(code.inputs());
    slots_.clear(end.is_open || inputs > results.size() ? inputs : results.size(), !facts.own_state);
    living_.clear();
    emit();
  }

  place& of(value v) { return places_[static_cast<std::size_t>(v)]; }
  const node<R>& node_of(value v) const { return code_->nodes()[static_cast<std::size_t>(v)]; }
  value operand_of(const node<R>& n) const { return code_->terms(n)[0].v; }

  void emit() {
    const value end = static_cast<value>(places_.size());
    for (value v{}; v < end; v = after(v))
      if (node_of(v).kind == node_kind::input) take(v);
    if (code_->own_input()) {
      plan_.input_slot_ = slots_.take_new();
      for (const node<R>& n : code_->nodes())
        if (n.kind == node_kind::call) of(operand_of(n)).where = plan_.input_slot_;
    }
    value first{};
    for (int segment = 0; segment < life_.segments(); ++segment) {
      value last = first;
      while (last < end && life_.segment(last) == segment) last = after(last);
      combine(segment, first, last);
      looks(first, last);
      release(2 * segment);
      if (last < end) boundary(last, 2 * segment + 1);
      release(2 * segment + 1);
      first = last;
    }
  }
  static value after(value v) { return static_cast<value>(static_cast<int>(v) + 1); }

  /// Everything that segment computes and somebody reads later, in one instruction.
  void combine(int segment, value first, value last) {
    rows_.clear();
    atoms_.clear();
    for (value v = first; v < last; v = after(v))
      if (node_of(v).kind == node_kind::sum && life_.last_read(v) > 2 * segment) {
        rows_.push_back(v);
        for (const term<R>& t : life_.form(v)) note_atom(t.v);
      }
    if (rows_.empty()) return;
    instruction in = begin_combine();
    for (const value a : atoms_) plan_.operands_.push_back(operand_for(a));
    write_coefficients();
    release(2 * segment);
    place_rows();
    for (const value r : rows_) plan_.slots_.push_back(of(r).where);
    end_combine(in);
  }

  /// The inputs of the combine being written. What travels comes first, then the oldest: so the order of a sum, and with
  /// it its rounding, is that of its own terms whatever else is stored along with it.
  void note_atom(value v) {
    if (of(v).column >= 0) return;
    of(v).column = 0;
    const auto before = [this](value a, value b) { return (of(a).home < 0) == (of(b).home < 0) ? a < b : of(a).home >= 0; };
    std::size_t k = atoms_.size();
    atoms_.push_back(v);
    for (; k > 0 && before(v, atoms_[k - 1]); --k) atoms_[k] = atoms_[k - 1];
    atoms_[k] = v;
  }

  void write_coefficients() {
    const std::size_t lane_total = plan_.lanes_.count, ins = atoms_.size(), first = plan_.coefficients_.size();
    plan_.coefficients_.resize(first + rows_.size() * ins * lane_total);
    for (std::size_t k = 0; k < ins; ++k) of(atoms_[k]).column = static_cast<int>(k);
    double* row = plan_.coefficients_.data() + first;
    for (const value r : rows_) {
      for (const term<R>& t : life_.form(r))
        for (std::size_t l = 0; l < lane_total; ++l) row[static_cast<std::size_t>(of(t.v).column) * lane_total + l] = lane(t.c, l);
      row += ins * lane_total;
    }
    for (const value a : atoms_) of(a).column = -1;
  }

  /// A slot for each row that has none: first for those who know where they belong, the newest before others.
  void place_rows() {
    for (std::size_t k = rows_.size(); k-- > 0;)
      if (of(rows_[k]).where < 0 && of(rows_[k]).home >= 0) take(rows_[k]);
    for (const value r : rows_)
      if (of(r).where < 0) take(r);
  }

  instruction begin_combine() const {
    instruction in{.what = operation::combine};
    in.first_in = static_cast<int>(plan_.operands_.size());
    in.first_out = static_cast<int>(plan_.slots_.size());
    in.coefficients = static_cast<int>(plan_.coefficients_.size());
    return in;
  }
  void end_combine(instruction in) {
    in.ins = static_cast<int>(plan_.operands_.size()) - in.first_in;
    in.outs = static_cast<int>(plan_.slots_.size()) - in.first_out;
    if (in.outs > 0) plan_.instructions_.push_back(in);
  }

  /// Result k belongs into slot k. Where another array kept that slot busy until the very end, it moves there now.
  void bring_home(std::span<const value> results) {
    instruction in = begin_combine();
    for (std::size_t k = 0; k < results.size(); ++k)
      if (of(results[k]).where != static_cast<slot>(k)) {
        plan_.operands_.push_back({operand::kind::held, of(results[k]).where});
        plan_.slots_.push_back(static_cast<slot>(k));
      }
    const std::size_t moved = plan_.operands_.size() - static_cast<std::size_t>(in.first_in);
    for (std::size_t r = 0; r < moved; ++r)
      for (std::size_t k = 0; k < moved; ++k) plan_.coefficients_.insert(plan_.coefficients_.end(), plan_.lanes_.count, r == k ? 1.0 : 0.0);
    end_combine(in);
    plan_.slot_count_ = slots_.size() > static_cast<int>(results.size()) ? slots_.size() : static_cast<int>(results.size());
  }

  operand operand_for(value v) {
    const node<R>& n = node_of(v);
    switch (n.kind) {
      case node_kind::output: return {operand::kind::output, n.tag};
      case node_kind::noise: return {operand::kind::noise, n.tag};
      case node_kind::one: return {operand::kind::one, 0};
      default: return {operand::kind::held, of(v).where};
    }
  }

  /// Watches and measures: they read slots and write none.
  void looks(value first, value last) {
    for (value v = first; v < last; v = after(v)) {
      const node<R>& n = node_of(v);
      if (n.kind != node_kind::watch && n.kind != node_kind::measure) continue;
      instruction in{.what = n.kind == node_kind::watch ? operation::watch : operation::measure, .outs = n.count, .tag = n.tag, .point = n.point};
      in.first_out = static_cast<int>(plan_.slots_.size());
      for (const term<R>& t : code_->terms(n)) plan_.slots_.push_back(of(t.v).where);
      plan_.instructions_.push_back(in);
    }
  }

  void boundary(value v, int now) {
    const node<R>& n = node_of(v);
    const value x = operand_of(n);
    instruction in{.what = n.kind == node_kind::call ? operation::call : operation::filter, .outs = 1, .tag = n.tag};
    if (n.kind == node_kind::filter) {
      in.first_in = static_cast<int>(plan_.operands_.size());
      in.ins = 1;
      plan_.operands_.push_back({operand::kind::held, of(x).where});
      release(now);  // a prediction that only the filter reads is filtered in place
      take(v);
    } else add_call(code_->evaluations()[static_cast<std::size_t>(n.tag)]);
    in.first_out = static_cast<int>(plan_.slots_.size());
    plan_.slots_.push_back(n.kind == node_kind::call ? of(x).where : of(v).where);
    plan_.instructions_.push_back(in);
  }

  void add_call(const evaluation<R>& e) {
    evaluation<> first{lane(e.at, 0), e.outputs, e.step, e.stage, e.last_of_step};
    plan_.calls_.push_back(first);
    for (std::size_t l = 0; l < plan_.lanes_.count; ++l) plan_.levels_.push_back(lane(e.at, l));
  }

  void take(value v) {
    of(v).where = slots_.take(of(v).home);
    living_.push_back(v);
  }
  /// Frees the slots of all values that nobody reads after `now`.
  void release(int now) {
    std::size_t kept = 0;
    for (const value v : living_)
      if (life_.last_read(v) > now) living_[kept++] = v;
      else slots_.release(of(v).where);
    living_.resize(kept);
  }

  const tape<R>* code_ = nullptr;
  detail::liveness<R> life_;
  std::vector<place> places_;
  std::vector<value> rows_, atoms_, living_;
  detail::slot_pool slots_;
  plan plan_;
};

}  // namespace diffode
