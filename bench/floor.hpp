// SPDX-License-Identifier: MIT
#pragma once

#include "cases.hpp"

#include <cstddef>

namespace diffode_bench {

/// Bytes that one evaluation in the middle of a run has to move at least, for each element of the state: every array that is
/// read, once, and every array that is written, once. All arrays have elements of `element` bytes; noise is read from
/// memory like the rest.
inline double floor_in_bytes(const dd::plan& made, std::size_t element) {
  int calls = 0, counted = 0;
  std::size_t arrays = 0;
  for (const dd::instruction& i : made.instructions()) {
    const bool inside = calls > warm_up && calls <= run_length - wind_down;
    if (i.what == dd::operation::call) ++calls;
    if (i.what != dd::operation::combine || !inside) continue;
    ++counted;
    for (const dd::operand& o : made.inputs(i)) arrays += o.what != dd::operand::kind::one;
    arrays += made.outputs(i).size();
  }
  return static_cast<double>(arrays * element) / counted;
}

}  // namespace diffode_bench
