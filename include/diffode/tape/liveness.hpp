// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/tape.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode::detail {

/// What lowering has to know of a tape: in which segment each value is computed, from what, and how long it is wanted.
///
/// Calls and filters cut a tape into segments. Time runs in half ticks: segment k is computed at 2k, and what ends it, a
/// call or filter, reads at 2k + 1. A value is alive until the last tick at which it is read.
template <coefficient R>
class liveness {
 public:
  /// The results are read after the last segment, and the inputs too where they must survive. Keeps its memory.
  void find(const tape<R>& code, std::span<const value> results, bool inputs_survive) {
    code_ = &code;
    facts_.assign(code.nodes().size(), fact{});
    forms_.clear();
    expand();
    for (const value r : results) read(r, 2 * segments_);
    for (std::size_t i = 0; inputs_survive && i < facts_.size(); ++i)
      if (code.nodes()[i].kind == node_kind::input) read(static_cast<value>(i), 2 * segments_);
    find_last_reads();
  }

  int segments() const { return segments_; }
  int segment(value v) const { return of(v).segment; }
  int last_read(value v) const { return of(v).last_read; }
  /// A sum in terms of what exists when its segment is computed: values of earlier segments, model outputs, noise and one.
  std::span<const term<R>> form(value v) const { return {forms_.data() + of(v).form, static_cast<std::size_t>(of(v).atoms)}; }

 private:
  struct fact {
    int form = 0, atoms = 0;
    int segment = 0;
    int last_read = -1;
  };
  fact& of(value v) { return facts_[static_cast<std::size_t>(v)]; }
  const fact& of(value v) const { return facts_[static_cast<std::size_t>(v)]; }
  bool is_sum(value v) const { return code_->nodes()[static_cast<std::size_t>(v)].kind == node_kind::sum; }

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
      if (!code_->every_term()) drop_zeros(f);
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

  /// Adds a term to the newest form, `f`.
  void add(fact& f, term<R> t) {
    for (std::size_t k = static_cast<std::size_t>(f.form); k < forms_.size(); ++k)
      if (forms_[k].v == t.v) {
        forms_[k].c = forms_[k].c + t.c;
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
      if (n.kind == node_kind::call || n.kind == node_kind::filter) read(code_->terms(n)[0].v, 2 * (f.segment - 1) + 1);
      else if (n.kind == node_kind::watch || n.kind == node_kind::measure)
        for (const term<R>& t : code_->terms(n)) read(t.v, 2 * f.segment + 1);
      else if (n.kind == node_kind::sum && f.last_read > 2 * f.segment)
        for (const term<R>& t : form(static_cast<value>(i))) read(t.v, 2 * f.segment);
    }
  }
  void read(value v, int when) {
    if (of(v).last_read < when) of(v).last_read = when;
  }

  const tape<R>* code_ = nullptr;
  std::vector<fact> facts_;
  std::vector<term<R>> forms_;
  int segments_ = 0;
};

}  // namespace diffode::detail
