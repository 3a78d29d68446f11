// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <csignal>
#include <utility>

namespace diffode_tune {

inline volatile std::sig_atomic_t interrupted = 0;

/// Thrown out of a run by its model, when the user has asked to stop: what was saved before is where the next call goes on.
///
/// fine  which of the fine solutions was being made, from 1; 0 if all are there
struct stopped {
  int fine = 0;
};

/// A model that asks before each evaluation whether to go on.
template <class Net>
struct stoppable {
  Net net;
  template <class... A>
    requires std::invocable<const Net&, A...>
  void operator()(A&&... given) const {
    if (interrupted) throw stopped{};
    net(std::forward<A>(given)...);
  }
};

/// A model that says so before each evaluation.
template <class Net, std::invocable Say>
struct told {
  Net net;
  Say say;
  template <class... A>
    requires std::invocable<const Net&, A...>
  void operator()(A&&... given) const {
    say();
    net(std::forward<A>(given)...);
  }
};

}  // namespace diffode_tune
