// SPDX-License-Identifier: MIT
#pragma once

namespace diffode {

/// How a run stands.
enum class status {
  waiting,   ///< for an evaluation
  finished,  ///< the state is at the last level
  stopped,   ///< a watcher said enough
};

/// What a run did.
struct run_report {
  status outcome;
  int steps;  ///< completed
  int calls;  ///< evaluations answered
};

}  // namespace diffode
