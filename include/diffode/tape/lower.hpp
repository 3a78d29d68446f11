// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/plan.hpp"

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
};

/// Turns a tape into a plan: calls and filters cut it into segments, and of each segment only what is read later is
/// computed, in one combine.
///
/// Time runs in half ticks: combine k at 2k, the call or filter that ends segment k at 2k + 1. A value is alive until
/// the last tick at which it is read; its slot is free for the outputs of that very combine.
///
/// Input k starts in slot k. An object can be used again and again: it keeps its memory.
template <coefficient R>
class lowering {
 public:
  /// `result` must be the last sum of the tape; it ends in slot 0.
  static plan run(const tape<R>& code, value result, const plan_facts& facts) {
    const value ends[] = {result};
    lowering l;
    l.write(code, facts, ends, false);
    l.bring_home(ends);
    return std::move(l.plan_);
  }
  /// Several results, result k in slot k at the end: where several inputs travel through a run together.
  static plan run(const tape<R>& code, std::span<const value> results, const plan_facts& facts) {
    lowering l;
    l.write(code, facts, results, false);
    l.bring_home(results);
    return std::move(l.plan_);
  }
  /// The results stay where they come to be, see where(), and the inputs survive: for a step that may be taken back.
  void open(const tape<R>& code, std::span<const value> results, const plan_facts& facts) {
    write(code, facts, results, true);
    plan_.slot_count_ = static_cast<int>(occupied_.size());
  }
  slot where(value v) const { return facts_[index(v)].where; }
  const plan& made() const { return plan_; }

 private:
  struct fact {
    int form = 0, atoms = 0;  ///< a sum in terms of what exists when its segment is computed
    int segment = 0;
    int last_read = -1;
    slot where = -1;
  };

  void write(const tape<R>& code, const plan_facts& facts, std::span<const value> results, bool inputs_survive) {
    code_ = &code;
    facts_.assign(code.nodes().size(), fact{});
    forms_.clear();
    occupied_.clear();
    living_.clear();
    plan_.clear();
    plan_.method_ = facts.method;
    plan_.lanes_ = facts.lanes;
    plan_.steps_ = facts.steps;
    plan_.noises_.assign(facts.noises.begin(), facts.noises.end());
    plan_.model_outputs_ = facts.model_outputs;
    plan_.paired_ = facts.paired;
    expand();
    for (const value r : results) read(r, 2 * segments_);
    for (std::size_t i = 0; inputs_survive && i < facts_.size(); ++i)
      if (code.nodes()[i].kind == node_kind::input) read(static_cast<value>(i), 2 * segments_);
    find_last_reads();
    emit(results.front());
  }

  static std::size_t index(value v) { return static_cast<std::size_t>(v); }
  fact& of(value v) { return facts_[index(v)]; }
  std::span<term<R>> form(const fact& f) { return {forms_.data() + f.form, static_cast<std::size_t>(f.atoms)}; }
  bool is_sum(value v) const { return code_->nodes()[index(v)].kind == node_kind::sum; }
  value operand_of(const node<R>& n) const { return code_->terms(n)[0].v; }

  /// Writes every sum in terms of values from before its segment, model outputs, noise and one.
  void expand() {
    int segment = 0;
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      const node<R>& n = code_->nodes()[i];
      if (n.kind == node_kind::call || n.kind == node_kind::filter) ++segment;
      fact& f = facts_[i];
      f.segment = segment;
      if (n.kind != node_kind::sum) continue;
      f.form = static_cast<int>(forms_.size());
      for (const term<R>& t : code_->terms(n)) {
        const fact& from = of(t.v);
        if (is_sum(t.v) && from.segment == segment)
          for (int k = 0; k < from.atoms; ++k) {
            const term<R> inner = forms_[static_cast<std::size_t>(from.form + k)];
            add(f, {inner.v, t.c * inner.c});
          }
        else add(f, t);
      }
      drop_zeros(f);
    }
    segments_ = segment + 1;
  }

  /// Leaves out what cancelled: it need not be read. `f` is the newest form.
  void drop_zeros(fact& f) {
    int kept = 0;
    for (int k = 0; k < f.atoms; ++k) {
      term<R>& t = forms_[static_cast<std::size_t>(f.form + k)];
      if (every([](double c) { return c == 0; }, t.c)) continue;
      if (kept != k) forms_[static_cast<std::size_t>(f.form + kept)] = std::move(t);
      ++kept;
    }
    forms_.erase(forms_.begin() + f.form + kept, forms_.end());
    f.atoms = kept;
  }

  void add(fact& f, term<R> t) {
    for (term<R>& have : form(f))
      if (have.v == t.v) {
        have.c = have.c + t.c;
        return;
      }
    forms_.push_back(std::move(t));
    ++f.atoms;
  }

  /// Walks backwards, so that a value's readers are known before it is asked what it reads itself.
  void find_last_reads() {
    for (std::size_t i = facts_.size(); i-- > 0;) {
      const node<R>& n = code_->nodes()[i];
      const fact& f = facts_[i];
      // A call or filter belongs to the segment it opens and ends the one before.
      if (n.kind == node_kind::call || n.kind == node_kind::filter) read(operand_of(n), 2 * (f.segment - 1) + 1);
      else if (n.kind == node_kind::watch || n.kind == node_kind::measure)
        for (const term<R>& t : code_->terms(n)) read(t.v, 2 * f.segment + 1);
      else if (n.kind == node_kind::sum && f.last_read > 2 * f.segment)
        for (const term<R>& t : form(f)) read(t.v, 2 * f.segment);
    }
  }
  void read(value v, int when) {
    if (of(v).last_read < when) of(v).last_read = when;
  }

  void emit(value result) {
    for (std::size_t i = 0; i < facts_.size(); ++i)
      if (code_->nodes()[i].kind == node_kind::input) take(static_cast<value>(i));
    std::size_t begin = 0;
    for (int segment = 0; segment < segments_; ++segment) {
      std::size_t end = begin;
      while (end < facts_.size() && facts_[end].segment == segment) ++end;
      combine(segment, begin, end, result);
      looks(begin, end);
      release(2 * segment);
      if (end < facts_.size()) boundary(end, 2 * segment + 1);
      release(2 * segment + 1);
      begin = end;
    }
  }

  /// Everything that segment computes and somebody reads later, in one instruction.
  void combine(int segment, std::size_t begin, std::size_t end, value result) {
    rows_.clear();
    atoms_.clear();
    for (std::size_t i = begin; i < end; ++i)
      if (code_->nodes()[i].kind == node_kind::sum && facts_[i].last_read > 2 * segment) {
        // The result first: the first row gets the lowest free slot, and at the end that is slot 0.
        rows_.insert(static_cast<value>(i) == result ? rows_.begin() : rows_.end(), static_cast<value>(i));
        for (const term<R>& t : form(facts_[i])) note_atom(t.v);
      }
    if (rows_.empty()) return;
    instruction in{.what = operation::combine};
    in.first_in = static_cast<int>(plan_.operands_.size());
    in.ins = static_cast<int>(atoms_.size());
    for (const value a : atoms_) plan_.operands_.push_back(operand_for(a));
    in.coefficients = static_cast<int>(plan_.coefficients_.size());
    for (const value r : rows_)
      for (const value a : atoms_)
        for (std::size_t l = 0; l < plan_.lanes_.count; ++l) plan_.coefficients_.push_back(coefficient_of(r, a, l));
    release(2 * segment);
    in.first_out = static_cast<int>(plan_.slots_.size());
    in.outs = static_cast<int>(rows_.size());
    for (const value r : rows_) plan_.slots_.push_back(take(r));
    plan_.instructions_.push_back(in);
  }

  /// Result k belongs into slot k. Where another array kept that slot busy until the very end, it moves there now.
  void bring_home(std::span<const value> results) {
    instruction in{.what = operation::combine};
    in.first_in = static_cast<int>(plan_.operands_.size());
    in.first_out = static_cast<int>(plan_.slots_.size());
    in.coefficients = static_cast<int>(plan_.coefficients_.size());
    for (std::size_t k = 0; k < results.size(); ++k)
      if (of(results[k]).where != static_cast<slot>(k)) {
        plan_.operands_.push_back({operand::kind::held, of(results[k]).where});
        plan_.slots_.push_back(static_cast<slot>(k));
        ++in.ins, ++in.outs;
      }
    for (int r = 0; r < in.outs; ++r)
      for (int c = 0; c < in.ins; ++c) plan_.coefficients_.insert(plan_.coefficients_.end(), plan_.lanes_.count, r == c ? 1.0 : 0.0);
    if (in.outs > 0) plan_.instructions_.push_back(in);
    const std::size_t all = occupied_.size() > results.size() ? occupied_.size() : results.size();
    plan_.slot_count_ = static_cast<int>(all);
  }

  void note_atom(value v) {
    for (const value a : atoms_)
      if (a == v) return;
    atoms_.push_back(v);
  }
  double coefficient_of(value row, value atom, std::size_t l) {
    for (const term<R>& t : form(of(row)))
      if (t.v == atom) return lane(t.c, l);
    return 0;
  }
  operand operand_for(value v) {
    const node<R>& n = code_->nodes()[index(v)];
    switch (n.kind) {
      case node_kind::output: return {operand::kind::output, n.tag};
      case node_kind::noise: return {operand::kind::noise, n.tag};
      case node_kind::one: return {operand::kind::one, 0};
      default: return {operand::kind::held, of(v).where};
    }
  }

  /// Watches and measures: they read slots and write none.
  void looks(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const node<R>& n = code_->nodes()[i];
      if (n.kind != node_kind::watch && n.kind != node_kind::measure) continue;
      instruction in{.what = n.kind == node_kind::watch ? operation::watch : operation::measure, .outs = n.count, .tag = n.tag, .point = n.point};
      in.first_out = static_cast<int>(plan_.slots_.size());
      for (const term<R>& t : code_->terms(n)) plan_.slots_.push_back(of(t.v).where);
      plan_.instructions_.push_back(in);
    }
  }

  void boundary(std::size_t i, int now) {
    const node<R>& n = code_->nodes()[i];
    const value x = operand_of(n);
    instruction in{.what = n.kind == node_kind::call ? operation::call : operation::filter, .outs = 1, .tag = n.tag};
    if (n.kind == node_kind::filter) {
      in.first_in = static_cast<int>(plan_.operands_.size());
      in.ins = 1;
      plan_.operands_.push_back({operand::kind::held, of(x).where});
      release(now);  // a prediction that only the filter reads is filtered in place
      take(static_cast<value>(i));
    } else add_call(code_->evaluations()[static_cast<std::size_t>(n.tag)]);
    in.first_out = static_cast<int>(plan_.slots_.size());
    plan_.slots_.push_back(n.kind == node_kind::call ? of(x).where : facts_[i].where);
    plan_.instructions_.push_back(in);
  }

  void add_call(const evaluation<R>& e) {
    evaluation<> first{lane(e.at, 0), e.outputs, e.step, e.stage, e.last_of_step};
    plan_.calls_.push_back(first);
    for (std::size_t l = 0; l < plan_.lanes_.count; ++l) plan_.levels_.push_back(lane(e.at, l));
  }

  slot take(value v) {
    std::size_t s = 0;
    while (s < occupied_.size() && occupied_[s]) ++s;
    if (s == occupied_.size()) occupied_.push_back(true);
    occupied_[s] = true;
    living_.push_back(v);
    return of(v).where = static_cast<slot>(s);
  }
  /// Frees the slots of all values that nobody reads after `now`.
  void release(int now) {
    std::size_t kept = 0;
    for (const value v : living_)
      if (of(v).last_read > now) living_[kept++] = v;
      else occupied_[static_cast<std::size_t>(of(v).where)] = false;
    living_.resize(kept);
  }

  const tape<R>* code_ = nullptr;
  std::vector<fact> facts_;
  std::vector<term<R>> forms_;
  std::vector<value> rows_, atoms_, living_;
  std::vector<bool> occupied_;
  int segments_ = 0;
  plan plan_;
};

}  // namespace diffode
