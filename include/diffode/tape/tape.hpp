// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/level.hpp"

#include <cassert>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// A name for an array that may never exist.
enum class value : int { none = -1 };

/// c * v, one term of a sum.
template <coefficient R = double>
struct term {
  value v;
  R c;
};

/// What a node stands for: the state at the start, an evaluation, one output of it, unit normal noise, the constant
/// one, a linear combination, a filtered prediction, the wish to look at a value, or to measure some.
enum class node_kind { input, call, output, noise, one, sum, filter, watch, measure };

/// What a watcher sees: the state that a step reached (corrected, if the method has a corrector), the same before it
/// was corrected, or the predicted x0.
enum class seen { state, predicted, denoised };

/// An evaluation of the model: where, and how it is answered.
template <coefficient R = double>
struct evaluation {
  level<R> at;               ///< label: what the model is told
  unsigned outputs = 1;      ///< bit k is set where output k is wanted
  int step = 0, stage = 0;   ///< which evaluation of which step
  bool last_of_step = true;
};

template <coefficient R = double>
struct node {
  node_kind kind;
  int first = 0, count = 0;  ///< its terms on the tape; operands have coefficient 1
  int tag = 0;               ///< output, noise stream or filter number; index of an evaluation; what is watched
  int point = 0;             ///< watch: which point of the grid
  int home = -1;             ///< the input in whose slot the value belongs; -1: any slot will do
};

/// Single-assignment record of what a run will do. Holds no arrays: names and numbers only.
template <coefficient R = double>
class tape {
 public:
  tape() = default;
  /// With `own_input` every evaluation reads a value of its own, which nothing else reads. With `every_term` terms are kept
  /// whose coefficient is zero.
  explicit tape(bool own_input, bool every_term = false) : own_input_(own_input), every_term_(every_term) {}
  bool own_input() const { return own_input_; }
  bool every_term() const { return every_term_; }

  value input() { return push({.kind = node_kind::input, .home = inputs_++}); }
  int inputs() const { return inputs_; }
  /// Says that the sum `x` is what has become of input k: it belongs into that slot. The first word counts.
  void comes_from(int k, value x) {
    assert(k < inputs_);
    node<R>& n = nodes_[static_cast<std::size_t>(x)];
    if (n.kind == node_kind::sum && n.home < 0) n.home = k;
  }
  value noise(int stream) { return push({.kind = node_kind::noise, .tag = stream}); }
  value one() { return push({node_kind::one}); }
  value output(value call, int which) { return push({.kind = node_kind::output, .tag = which}, {{{call, 1}}}); }
  value filter(value x, int evaluation) {
    const value operand = held(x);
    return push({.kind = node_kind::filter, .tag = evaluation}, {{{operand, 1}}});
  }
  void watch(seen what, value x, int point) {
    const value operand = held(x);
    push({.kind = node_kind::watch, .tag = static_cast<int>(what), .point = point}, {{{operand, 1}}});
  }
  /// How far `a` and `b` are apart, on the scale of b and `scale`.
  void measure(value a, value b, value scale) {
    const term<R> operands[] = {{held(a), 1}, {held(b), 1}, {held(scale), 1}};
    push({.kind = node_kind::measure}, std::span<const term<R>>(operands));
  }
  value call(value x, evaluation<R> e) {
    const value shown = own_input_ ? whole(x) : held(x);
    evaluations_.push_back(std::move(e));
    return push({.kind = node_kind::call, .tag = static_cast<int>(evaluations_.size()) - 1}, {{{shown, 1}}});
  }
  /// sum_k c_k v_k. Terms with coefficient exactly zero are left out, unless every term counts: what they name is then not read.
  value sum(std::span<const term<R>> terms) {
    const int first = static_cast<int>(terms_.size());
    for (const term<R>& t : terms)
      if (every_term_ || !every([](double c) { return c == 0; }, t.c)) terms_.push_back(t);
    nodes_.push_back({.kind = node_kind::sum, .first = first, .count = static_cast<int>(terms_.size()) - first});
    return last();
  }

  std::span<const node<R>> nodes() const { return {nodes_.data(), nodes_.size()}; }
  std::span<const term<R>> terms(const node<R>& n) const {
    return {terms_.data() + n.first, static_cast<std::size_t>(n.count)};
  }
  std::span<const evaluation<R>> evaluations() const { return {evaluations_.data(), evaluations_.size()}; }
  /// Says of all evaluations from `first` on that only the newest ends its step.
  void mark_last_of_step(std::size_t first) {
    for (std::size_t k = first; k < evaluations_.size(); ++k) evaluations_[k].last_of_step = k + 1 == evaluations_.size();
  }

  /// Where the record ends now, and back to there: what was written since is forgotten, a refusal is not.
  struct place {
    std::size_t nodes, terms, evaluations;
  };
  place here() const { return {nodes_.size(), terms_.size(), evaluations_.size()}; }
  void back_to(const place& p) {
    nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(p.nodes), nodes_.end());
    terms_.erase(terms_.begin() + static_cast<std::ptrdiff_t>(p.terms), terms_.end());
    evaluations_.erase(evaluations_.begin() + static_cast<std::ptrdiff_t>(p.evaluations), evaluations_.end());
  }

  /// Empty, with the memory kept.
  void clear() {
    nodes_.clear(), terms_.clear(), evaluations_.clear();
    inputs_ = 0;
    reason_.reset();
  }

  /// Records why this run can not be; the first reason counts.
  void refuse(error e) {
    if (!reason_) reason_ = std::move(e);
  }
  const fault& reason() const { return reason_; }

  /// A value that lies in a slot of its own: noise, the constant one and the model's outputs do not until they are summed.
  value held(value x) {
    const node_kind kind = nodes_[static_cast<std::size_t>(x)].kind;
    return kind == node_kind::input || kind == node_kind::sum || kind == node_kind::filter ? x : whole(x);
  }
  /// The same value under another name, that of a sum.
  value whole(value x) {
    const term<R> all[] = {{x, 1}};
    return sum(all);
  }

 private:
  value push(node<R> n, std::span<const term<R>> operands = {}) {
    n.first = static_cast<int>(terms_.size());
    n.count = static_cast<int>(operands.size());
    terms_.insert(terms_.end(), operands.begin(), operands.end());
    nodes_.push_back(n);
    return last();
  }
  value push(node<R> n, const term<R> (&operands)[1]) { return push(n, std::span<const term<R>>(operands)); }
  value last() const { return static_cast<value>(nodes_.size() - 1); }

  std::vector<node<R>> nodes_;
  std::vector<term<R>> terms_;
  std::vector<evaluation<R>> evaluations_;
  int inputs_ = 0;
  bool own_input_ = false, every_term_ = false;
  fault reason_;
};

}  // namespace diffode
