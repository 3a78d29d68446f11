// SPDX-License-Identifier: MIT
#pragma once

#include "backend/kernel_on_host.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/backend/step_table.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace diffode_test {

/// A run from its table alone, as a device does it: a counter says which row is next. The model is
/// model(input, label, output), element by element alike; history is of the state's type.
template <class T, class Model>
void run_table(const diffode::shared_plan& p, std::vector<T>& x, std::size_t batch, const diffode::philox& noise, const Model& model) {
  using F = diffode::arithmetic<T>;
  using arrays = diffode::workspace<T>;
  arrays memory(p, x, batch, {});
  std::vector<std::vector<T>> answers(static_cast<std::size_t>(p->model_outputs()), std::vector<T>(x.size()));
  std::vector<const T*> outputs;
  for (const std::vector<T>& a : answers) outputs.push_back(a.data());
  const auto table = diffode::step_table<F>::try_make(memory, std::span<const T* const>(outputs)).value();
  if (p->paired()) memory.copy_to_partner(diffode::cpu{});
  std::size_t next = 0;
  const auto combine = [&] {
    for (std::size_t k = 0; k < table.per_call(); ++k, ++next) {
      const diffode::detail::combine_step& s = table.steps()[next];
      if (s.outs > 0) kernel_on_host::run<F>(s, table.coefficients().data() + s.coefficients, table.shape(), noise, table.group(), 3);
    }
  };
  combine();
  for (std::size_t call = 0; call < table.calls(); ++call) {
    for (std::size_t k = 0; k < answers.size(); ++k) model(memory.slot(p->input_slot()), table.labels().subspan(call * table.labels_each(), table.labels_each()), k, std::span<T>(answers[k]));
    combine();
  }
}

}  // namespace diffode_test
