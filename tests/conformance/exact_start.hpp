// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/method.hpp"

namespace diffode_test {

/// A method whose first `steps` steps are replaced by the truth: the state at their end is what noise stream 0, 1, ...
/// holds, before what the method draws. The method takes these steps all the same, so that it remembers what it would remember, and nobody uses where
/// they lead. So multistep methods start with an exact history on any grid.
template <diffode::method M>
struct exact_start {
  M then{};
  int steps = then.keep();
  diffode::prediction target = then.target;

  static constexpr const char* name = "exact_start";
  constexpr int keep() const { return then.keep(); }
  constexpr int order() const { return then.order(); }

  template <diffode::coefficient R>
  diffode::value step(diffode::recorder<R>& r, const diffode::level<R>& s, const diffode::level<R>& t) const {
    if (r.position().index >= steps) return then.step(r, s, t);
    const diffode::value truth = r.noise();
    then.step(r, s, t);
    for (diffode::memory<R>& kept : r.remembered) kept.order = 0;  // no step of the method's: nothing to correct
    return r.sum({{truth, 1}});
  }

  diffode::fault check() const { return then.check(); }
};

}  // namespace diffode_test
