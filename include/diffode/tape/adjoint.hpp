// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/prediction.hpp"
#include "diffode/tape/lower.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// A vector-Jacobian product of a reversed plan: of which evaluation (an instruction of the plan that was reversed), and
/// of which of its outputs.
struct product_call {
  int instruction, output;
};

/// A plan turned round.
///
/// backward   a plan like any other: slot 0 is dL/dx at the end going in and dL/dx at the start coming out. Its calls ask for
///            vector-Jacobian products, on the slot that holds the cotangent; the tag of a filter is the instruction of the
///            filter that it goes back through. With `rows`, a watch shows the cotangent of every array that a combine
///            wrote: its point is that combine, its tag the row
/// products   one for each call of `backward`
struct adjoint_plan {
  plan backward;
  std::vector<product_call> products;
};

namespace detail {

/// Walks a plan from its end to its start, and writes down for every array what the loss would change by with it.
template <coefficient R>
class transposer {
 public:
  transposer(const plan& forward, bool rows) : forward_(forward), shows_rows_(rows), slots_(static_cast<std::size_t>(forward.slots()), value::none) {
    outputs_.fill(value::none);
  }

  adjoint_plan write() {
    slots_[0] = code_.input();
    const auto code = forward_.instructions();
    for (std::size_t i = code.size(); i-- > 0;) switch (code[i].what) {
        case operation::combine: combine(code[i], static_cast<int>(i)); break;
        case operation::filter: filter(code[i], static_cast<int>(i)); break;
        case operation::call: call(code[i], static_cast<int>(i)); break;
        case operation::watch:
        case operation::measure: break;  // they change nothing
      }
    terms_.clear();
    // A second state starts as a copy of the first.
    for (std::size_t s = 0; s < (forward_.paired() ? 2u : 1u); ++s)
      if (slots_[s] != value::none) terms_.push_back({slots_[s], 1});
    const value start = code_.sum(std::span<const term<R>>(terms_));
    return {lowering<R>::run(code_, start, {.method = forward_.method(), .lanes = forward_.lanes(), .steps = forward_.steps(), .model_outputs = 1, .noises = {}}),
            std::move(products_)};
  }

 private:
  /// in_k += sum_r c[r][k] out_r. What a slot held before it was written over is another array than what it holds after.
  void combine(const instruction& i, int number) {
    rows_.clear();
    for (const slot s : forward_.outputs(i)) rows_.push_back(std::exchange(of(s), value::none));
    for (std::size_t r = 0; shows_rows_ && r < rows_.size(); ++r)
      if (rows_[r] != value::none) code_.watch(static_cast<seen>(r), rows_[r], number);
    const auto in = forward_.inputs(i);
    for (std::size_t k = 0; k < in.size(); ++k) {
      if (in[k].what != operand::kind::held && in[k].what != operand::kind::output) continue;
      value& to = in[k].what == operand::kind::held ? of(in[k].index) : outputs_[static_cast<std::size_t>(in[k].index)];
      terms_.clear();
      for (std::size_t r = 0; r < rows_.size(); ++r)
        if (const R c = coefficient_of(i, r, k); rows_[r] != value::none && !every([](double v) { return v == 0; }, c)) terms_.push_back({rows_[r], c});
      add_terms(to);
    }
  }

  void filter(const instruction& i, int number) {
    const value after = std::exchange(of(forward_.outputs(i)[0]), value::none);
    if (after == value::none) return;
    terms_.assign(1, {code_.filter(after, number), 1});
    add_terms(of(forward_.inputs(i)[0].index));
  }

  void call(const instruction& i, int number) {
    const evaluation<>& e = forward_.call(i.tag);
    for (int k = 0; k < forward_.model_outputs(); ++k) {
      const value v = std::exchange(outputs_[static_cast<std::size_t>(k)], value::none);
      if (v == value::none) continue;
      const value asked = code_.call(v, {.at = level_of(i.tag), .outputs = 1, .step = e.step, .stage = e.stage, .last_of_step = e.last_of_step});
      products_.push_back({number, k});
      terms_.assign(1, {code_.output(asked, 0), 1});
      add_terms(of(forward_.outputs(i)[0]));
    }
  }

  void add_terms(value& to) {
    if (terms_.empty()) return;
    if (to != value::none) terms_.push_back({to, 1});
    to = code_.sum(std::span<const term<R>>(terms_));
  }

  value& of(slot s) { return slots_[static_cast<std::size_t>(s)]; }

  R coefficient_of(const instruction& i, std::size_t row, std::size_t input) const {
    const std::size_t count = forward_.lanes().count;
    const auto c = forward_.coefficients(i).subspan((row * static_cast<std::size_t>(i.ins) + input) * count, count);
    if constexpr (std::same_as<R, double>) return c[0];
    else return lanes(std::vector<double>(c.begin(), c.end()));
  }
  level<R> level_of(int k) const {
    if constexpr (std::same_as<R, double>) return forward_.call(k).at;
    else return join(forward_.levels(k));
  }

  const plan& forward_;
  bool shows_rows_;
  tape<R> code_;
  std::vector<value> slots_;                 ///< cotangents, of what each slot holds now
  std::array<value, max_outputs> outputs_;   ///< and of the model's outputs
  std::vector<value> rows_;
  std::vector<term<R>> terms_;
  std::vector<product_call> products_;
};

}  // namespace detail

/// The exact discrete adjoint of a run, as a plan: combines transposed, in the opposite order, each evaluation a
/// vector-Jacobian product v^T dF/dx of the model on what the evaluation was asked on.
///
/// rows       whether the cotangents of all arrays are to be seen: gradients with respect to coefficients need them
/// Source     reverse accumulation, Griewank and Walther 2008, "Evaluating Derivatives", section 3.2, with the tape as its program
/// Kernels    at most one for each combine of the plan, and one for each product after the first of an evaluation. Arrays on
///            which the result does not depend are never computed, products in which it does not are never asked for
/// Noise      is a constant: the gradient is that of the run with the noise it had
inline adjoint_plan transposed(const plan& forward, bool rows = false) {
  if (forward.lanes().count == 1) return detail::transposer<double>(forward, rows).write();
  return detail::transposer<lanes>(forward, rows).write();
}

}  // namespace diffode
