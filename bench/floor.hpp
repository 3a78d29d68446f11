// SPDX-License-Identifier: MIT
#pragma once

#include "cases.hpp"

#include <cstddef>

namespace diffode_bench {

/// Bytes of an element of the caller's state, of what the model reads and answers, and of everything else.
struct element_sizes {
  std::size_t state, model, history;
};

/// Bytes that one evaluation in the middle of a run has to move at least, for each element of the state: every array that is
/// read, once, and every array that is written, once. Noise is read from memory, in elements like the model's.
inline double floor_in_bytes(const dd::plan& made, const element_sizes& e) {
  const auto of_slot = [&](dd::slot s) {
    const dd::slot_role role = made.role(s);
    return role == dd::slot_role::history ? e.history : role == dd::slot_role::input ? e.model : e.state;
  };
  int calls = 0, counted = 0;
  std::size_t bytes = 0;
  for (const dd::instruction& i : made.instructions()) {
    const bool inside = calls > warm_up && calls <= run_length - wind_down;
    if (i.what == dd::operation::call) ++calls;
    if (i.what != dd::operation::combine || !inside) continue;
    ++counted;
    for (const dd::operand& o : made.inputs(i))
      if (o.what != dd::operand::kind::one) bytes += o.what == dd::operand::kind::held ? of_slot(o.index) : e.model;
    for (const dd::slot s : made.outputs(i)) bytes += of_slot(s);
  }
  return static_cast<double>(bytes) / counted;
}
inline double floor_in_bytes(const dd::plan& made, std::size_t all) { return floor_in_bytes(made, {all, all, all}); }

}  // namespace diffode_bench
