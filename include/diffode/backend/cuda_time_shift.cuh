// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/cuda.cuh"
#include "diffode/backend/shift_table.hpp"

#include <cstddef>
#include <utility>

namespace diffode {

/// Time shift that a device decides on its own: a shift_table in its memory. For each evaluation, between the model and enqueue():
///
///   run.decide(moment_measure<T>{x, size, {sample_size, batch}}, shifts.formula());        x the state that the run was made with
///
/// Memory  that of the table, until it goes
/// Errors  names the call where CUDA does
template <class F>
class cuda_time_shift {
 public:
  static result<cuda_time_shift> try_make(const shift_table<F>& table, const cuda_options& o = {}) {
    cuda_time_shift made;
    const auto put = [&](detail::device_array& to, auto from) -> fault {
      if (const fault f = detail::grow(to, from.size_bytes(), o.memory, o.stream)) return f;
      return to.upload(from.data(), from.size_bytes());
    };
    if (const fault f = put(made.choices_, table.choices())) return *f;
    if (const fault f = put(made.variances_, table.variances())) return *f;
    if (const fault f = put(made.coefficients_, table.coefficients())) return *f;
    return result<cuda_time_shift>(std::move(made));
  }
  explicit cuda_time_shift(const shift_table<F>& table, const cuda_options& o = {}) : cuda_time_shift(try_make(table, o).value()) {}

  shift_formula<F> formula() const { return {choices_.as<shift_choices>(), variances_.as<double>(), coefficients_.as<F>()}; }

 private:
  cuda_time_shift() = default;
  detail::device_array choices_, variances_, coefficients_;
};

}  // namespace diffode
