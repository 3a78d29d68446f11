// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>

namespace diffode {

/// Who lends the processor backend its threads.
///
/// Required   `threads()`     how many parts can be worked on at the same time, at least 1
///            `run(parts, f)` calls f(0), ..., f(parts - 1), each once, on any threads in any order, and returns when all
///                            are done; what f throws comes out of run (of several one), once no part is at work any
///                            more, and parts not begun by then may be left out
/// Semantics  what is computed does not depend on who computes it: any number of threads gives the same bits, if all have the
///            floating-point mode of the calling one, as those of thread_pool and openmp have for the time of a part
/// Models     caller (below), thread_pool (backend/thread_pool.hpp), openmp (backend/openmp.hpp), yours
template <class E>
concept executor = requires(E& e, void (&f)(std::size_t)) {
  { e.threads() } -> std::convertible_to<std::size_t>;
  e.run(std::size_t{1}, f);
};

/// The calling thread alone.
struct caller {
  static constexpr std::size_t threads() { return 1; }
  template <class F>
  void run(std::size_t parts, F&& f) const {
    for (std::size_t k = 0; k < parts; ++k) f(k);
  }
};

static_assert(executor<caller>);

namespace detail {

/// How many parts to cut `size` elements into, so that each has at least `grain`.
constexpr std::size_t parts_of(std::size_t size, std::size_t grain, std::size_t threads) {
  const std::size_t most = size / (grain == 0 ? 1 : grain);
  return most < threads ? most : threads;
}

}  // namespace detail

}  // namespace diffode
