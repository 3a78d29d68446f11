// SPDX-License-Identifier: MIT
#pragma once

namespace diffode {

/// How a run stands.
enum class status {
  waiting,   ///< for an evaluation
  finished,  ///< the state is at the last level
  stopped,   ///< a watcher said enough
  broken,    ///< a watcher, filter, noise source or backend threw; only restart or restore helps
};

/// What a run did.
struct run_report {
  status outcome;
  int steps;  ///< completed
  int calls;  ///< evaluations answered
};

}  // namespace diffode
