// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <csignal>
#include <utility>

namespace diffode_tune {

inline volatile std::sig_atomic_t interrupted = 0;

/// Thrown out of a run by its model, when the user has asked to stop: what was saved before is where the next call goes on.
struct stopped {};

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

}  // namespace diffode_tune
