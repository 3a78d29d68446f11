// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_step.hpp"
#include "diffode/run/workspace.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// A whole run on given arrays as one flat table, for a device that works through it without being told where it is: as many
/// combines after each evaluation, row by row, so that the same launches serve all of them.
///
/// Shapes  (1 + calls) x per_call combines: row 0 comes before the first evaluation, row k + 1 after evaluation k; where a row
///         needs fewer, the rest of it does nothing. coefficients: those of all combines, each in the order row, term, lane.
///         labels: calls x lanes, what to tell the model
/// Start   where the plan is paired, slot 1 has to hold a copy of the state before row 0
/// F       what it computes in: float, or double where an array holds doubles
template <class F>
class step_table {
 public:
  /// `outputs`: where the model will write, one array for each of its outputs, x-sized each.
  /// Errors  refuses what a sampler refuses of a plan for these types, plans whose evaluations do not read an array of their own
  ///         (compile_options::own_input), those that filters or watchers break into, and outputs without an array
  template <class State, class History, class Model>
  static result<step_table> try_make(workspace<State, History, Model>& arrays, std::span<const Model* const> outputs) {
    static_assert(std::same_as<F, typename detail::arithmetic_in<typename workspace<State, History, Model>::elements>::type>);
    using detail::refuse;
    const plan& p = arrays.plan();
    if (const fault f = arrays.check_types(p)) return *f;
    if (p.input_slot() < 0) return refuse(errc::bad_call, "step_table: evaluations of the plan read different arrays, needs a plan compiled with own_input = true");
    if (p.filters() > 0) return refuse(errc::bad_call, "step_table: the plan has ", p.filters(), " filter passes, needs none: run it with a sampler on the device");
    if (p.watches() > 0) return refuse(errc::bad_call, "step_table: the plan has ", p.watches(), " watchers' looks, needs none: run it with a sampler on the device");
    if (outputs.size() != static_cast<std::size_t>(p.model_outputs()))
      return refuse(errc::bad_call, "step_table: number of outputs is ", outputs.size(), ", needs ", p.model_outputs(), " (one for each weight of the guidance)");
    // No address would mean the constant one to a combine.
    for (std::size_t k = 0; k < outputs.size(); ++k)
      if (!outputs[k]) return refuse(errc::bad_call, "step_table: output ", k, " is null, needs an array of the size of x");
    step_table t;
    t.shape_ = {arrays.size(), arrays.sample_size(), p.lanes()};
    t.calls_ = static_cast<std::size_t>(p.calls());
    t.write(arrays, outputs);
    return t;
  }

  std::span<const detail::combine_step> steps() const { return {steps_.data(), steps_.size()}; }
  std::span<const F> coefficients() const { return {coefficients_.data(), coefficients_.size()}; }
  std::span<const F> labels() const { return {labels_.data(), labels_.size()}; }
  const detail::combine_shape& shape() const { return shape_; }
  std::size_t calls() const { return calls_; }
  std::size_t per_call() const { return per_call_; }
  std::size_t labels_each() const { return labels_each_; }
  /// What one kernel for all steps has to do: the elements of a thread at once, the most outputs, and whether there are
  /// lanes or inputs without an array.
  unsigned group() const { return group_; }
  unsigned rows() const { return rows_; }
  bool is_various() const { return is_various_; }

 private:
  // A backend that computes nothing and writes down what it is asked for.
  struct writer {
    std::vector<detail::combine_step>& steps;
    std::vector<F>& coefficients;
    template <class T, class Noise>
    void combine(const combination<T>& c, const Noise&) const {
      detail::combine_step s = detail::step_of(c);
      s.coefficients = coefficients.size();
      for (const double number : c.coefficients) coefficients.push_back(static_cast<F>(number));
      steps.push_back(s);
    }
  };
  struct nothing {};

  template <class Arrays, class Model>
  void write(Arrays& arrays, std::span<const Model* const> outputs) {
    const plan& p = arrays.plan();
    std::vector<detail::combine_step> all;
    std::vector<std::size_t> ends;  // of each row, in `all`
    const writer on{all, coefficients_};
    for (const instruction& i : p.instructions()) {
      if (i.what == operation::combine) arrays.combine(i, outputs, on, nothing{});
      if (i.what == operation::call) ends.push_back(all.size());
    }
    ends.push_back(all.size());
    std::size_t first = 0;
    for (const std::size_t end : ends) {
      per_call_ = end - first < per_call_ ? per_call_ : end - first;
      first = end;
    }
    first = 0;
    for (const std::size_t end : ends) {
      for (std::size_t k = 0; k < per_call_; ++k) steps_.push_back(first < end ? all[first++] : detail::combine_step{});
    }
    for (int k = 0; k < p.calls(); ++k)
      for (const level<>& at : p.levels(k))
        if (at.label != p.levels(k)[0].label) labels_each_ = p.lanes().count;
    for (int k = 0; k < p.calls(); ++k)
      for (std::size_t l = 0; l < labels_each_; ++l) labels_.push_back(static_cast<F>(p.levels(k)[l].label));
    settle();
  }

  void settle() {
    is_various_ = shape_.lanes.count > 1;
    group_ = sizeof(F) == 8 ? 2 : 8;
    for (const detail::combine_step& s : steps_) {
      if (s.outs == 0) continue;
      rows_ = rows_ < s.outs ? s.outs : rows_;
      for (unsigned k = 0; k < s.ins; ++k) is_various_ = is_various_ || !s.in[k].data;
      const unsigned needed = detail::group_of(s, sizeof(F) == 8);
      group_ = needed < group_ ? needed : group_;
    }
    for (detail::combine_step& s : steps_) detail::align(s, group_);
  }

  std::vector<detail::combine_step> steps_;
  std::vector<F> coefficients_, labels_;
  detail::combine_shape shape_{};
  std::size_t calls_ = 0, per_call_ = 1, labels_each_ = 1;
  unsigned group_ = 0, rows_ = 1;
  bool is_various_ = false;
};

}  // namespace diffode
