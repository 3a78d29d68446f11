// SPDX-License-Identifier: MIT
#pragma once

namespace diffode {

/// How a run stands.
enum class status {
  waiting,   ///< for an evaluation
  finished,  ///< the state is at the last level
  stopped,   ///< a watcher said enough
  exhausted, ///< adaptive: the cap on evaluations is reached; the state is at the last accepted level
  stuck,     ///< adaptive: steps became too short to come forward, or the model's answers are no numbers; likewise. In runs
             ///< planned step by step also: the next step can not be planned
  broken,    ///< a watcher, filter, noise source or backend threw; only restart or restore helps
};

/// What a run did.
struct run_report {
  status outcome;
  int steps;  ///< completed; with adaptive control, accepted
  int calls;  ///< evaluations answered
  int rejected = 0;       ///< attempts that were taken back, with adaptive control
  double last_error = 0;  ///< of the newest attempt, 1 being the tolerance, with adaptive control
};

}  // namespace diffode
