// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/shift_formula.hpp"
#include "diffode/control/fixed.hpp"
#include "diffode/control/time_shift.hpp"
#include "diffode/run/workspace.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// Time shift for a run that a device decides on its own: the plan of the run, and for each step that is shifted its coefficients at
/// every level that a sample could be sent to. Which one it is, shift_formula chooses by the sample's variance.
///
/// Needs   shifted_end::target_time, a method with one evaluation for each step, and a model that reads the state as it is:
///         then a shift changes the coefficients of one combine and nothing else, no label and no later step
/// Memory  the coefficients of a step, for each level in the window
template <class F>
class shift_table {
 public:
  /// `samples`: of the batch, {sample_size, batch}; `o` as for other plans of a graph_run, see graph_run::planned.
  /// Errors  those of time_shift and compile; refuses what it needs otherwise
  template <method M, form_like Model>
  static result<shift_table> try_make(const M& how, const time_shift& where, const Model& model, lane_map samples, const compile_options& o) {
    using detail::refuse;
    if (const fault f = where.check(how.keep() > 0)) return *f;
    if (where.options().end != shifted_end::target_time)
      return refuse(errc::bad_grid, "shift_table: end is model_time, needs target_time: a device sets coefficients, not what the model is told");
    result<diffode::plan> whole = try_compile(how, fixed<lanes>(std::vector<grid>(samples.count, where.levels()), samples), model, o);
    if (!whole) return *whole.reason();
    if (whole.value().paired() || whole.value().calls() != where.steps())
      return refuse(errc::bad_method, how.name, ": it has ", whole.value().calls(), " evaluations in ", where.steps(),
                    " steps, needs one for each, and no second state, for time shift on a device");
    shift_table t(std::move(whole).value());
    t.choices_.resize(static_cast<std::size_t>(where.steps()) + 1);
    for (int i = -1; i < where.steps(); ++i)
      if (!after(*t.plan_, i)) return refuse(errc::bad_method, how.name, ": step ", i, " is more than one combine, needs to be one, without a filter, for time shift on a device");
    for (int i = 0; i < where.steps(); ++i)
      if (where.shifts(i))
        if (const fault f = t.add(how, where, model, i, o)) return *f;
    return result<shift_table>(std::move(t));
  }

  /// What the graph_run is to be made with.
  const shared_plan& plan() const { return plan_; }
  std::span<const shift_choices> choices() const { return {choices_.data(), choices_.size()}; }
  std::span<const double> variances() const { return {variances_.data(), variances_.size()}; }
  std::span<const F> coefficients() const { return {coefficients_.data(), coefficients_.size()}; }

 private:
  shift_table(shared_plan whole) : plan_(std::move(whole)) {}

  /// The combine after the evaluation of step i, -1 before the first; null where there is not just one.
  static const instruction* after(const diffode::plan& p, int i) {
    const instruction* only = nullptr;
    int calls = 0;
    for (const instruction& at : p.instructions()) {
      if (at.what == operation::call) ++calls;
      else if (calls == i + 1) {
        if (only || at.what != operation::combine) return nullptr;
        only = &at;
      }
    }
    return only;
  }

  template <class M, class Model>
  fault add(const M& how, const time_shift& where, const Model& model, int i, const compile_options& o) {
    const int point = where.shifted(i);
    shift_choices& c = choices_[static_cast<std::size_t>(i) + 1];  // row 0 of a step_table comes before the first evaluation
    c.first = static_cast<std::uint32_t>(variances_.size()), c.coefficients = coefficients_.size();
    std::vector<grid> grids;
    fault wrong;
    where.each_tried(point, [&](const level<>& tried, bool is_own) {
      std::vector<level<>> levels(where.levels().begin(), where.levels().end());
      levels[static_cast<std::size_t>(point)] = tried;
      const result<grid> moved = grid::make("shift_table", where.levels().path(), std::move(levels), repeats::allowed);
      if (!moved) return void(wrong = moved.reason());
      if (is_own) c.own = c.count;
      ++c.count, grids.push_back(moved.value()), variances_.push_back(where.expected(tried));
    });
    if (wrong) return wrong;
    const result<diffode::plan> all = try_compile(how, fixed<lanes>(std::move(grids), {1, c.count}), model, o);
    if (!all) return all.reason();
    if (const double most = largest(element_type<F>); all.value().largest_coefficient() > most)
      return detail::refuse(errc::bad_shape, "shift_table: the largest coefficient of the plan is ", all.value().largest_coefficient(), ", needs one that is finite in the arithmetic, at most ", most);
    const instruction *const row = after(*plan_, i), *const moved = after(all.value(), i);
    if (!moved || !changes_the_state_alone(*row, all.value(), *moved))
      return detail::refuse(errc::bad_method, how.name, ": a shift of step ", i, " changes more than the state that the model reads next, needs a method and a model where it does not");
    for (const double number : all.value().coefficients(*moved)) coefficients_.push_back(static_cast<F>(number));
    return {};
  }

  /// Whether two combines are the same but for the coefficients of the state, slot 0, and of the model's input, and these agree.
  bool changes_the_state_alone(const instruction& row, const diffode::plan& other, const instruction& moved) const {
    const auto slots = plan_->outputs(row), there = other.outputs(moved);
    const auto in = plan_->inputs(row), in_there = other.inputs(moved);
    if (slots.size() != there.size() || in.size() != in_there.size()) return false;
    for (std::size_t k = 0; k < in.size(); ++k)
      if (in[k].what != in_there[k].what || in[k].index != in_there[k].index) return false;
    const std::size_t each = in.size() * other.lanes().count;
    const auto now = plan_->coefficients(row), later = other.coefficients(moved);
    std::size_t state = slots.size();
    for (std::size_t r = 0; r < slots.size(); ++r)
      if (slots[r] == 0) state = r;
    if (state == slots.size()) return false;
    for (std::size_t r = 0; r < slots.size(); ++r) {
      if (slots[r] != there[r]) return false;
      const bool is_state = slots[r] == 0 || slots[r] == plan_->input_slot();
      for (std::size_t k = 0; k < each; ++k) {
        const double expected = is_state ? later[state * each + k] : now[r * in.size() * plan_->lanes().count + k / other.lanes().count * plan_->lanes().count];
        if (later[r * each + k] != expected) return false;
      }
    }
    return true;
  }

  shared_plan plan_;
  std::vector<shift_choices> choices_;
  std::vector<double> variances_;
  std::vector<F> coefficients_;
};

}  // namespace diffode
