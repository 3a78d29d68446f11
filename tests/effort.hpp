// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>

namespace diffode_test {

/// Whether tests that repeat themselves may do so less often: DIFFODE_TEST_SHORT is in the environment. Set where a run is
/// slow and the numbers have been checked elsewhere, as under sanitizers, which look for faults of memory.
inline bool is_short() {
  static const bool set = std::getenv("DIFFODE_TEST_SHORT") != nullptr;
  return set;
}

/// How often to repeat something: `full` times, or in a short run only so often.
template <class Count>
Count times(Count full, Count in_short) {
  return is_short() ? in_short : full;
}

}  // namespace diffode_test
