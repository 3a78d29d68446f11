// SPDX-License-Identifier: MIT
#pragma once

#include <cfenv>

namespace diffode::detail {

/// How the processor rounds, and whether it takes numbers below the smallest normal one for zero: each thread has its own mode,
/// and results are the same for any number of threads only where all have that of the calling one.
class float_mode {
 public:
  static float_mode of_this_thread() {
    float_mode mode;
    std::fegetenv(&mode.environment_);
    return mode;
  }

  /// Calls f in this mode; afterwards the thread has its own one again.
  template <class F>
  void call(F&& f) const {
    struct own {
      std::fenv_t environment;
      own() { std::fegetenv(&environment); }
      ~own() { std::fesetenv(&environment); }
    } const before;
    std::fesetenv(&environment_);
    f();
  }

 private:
  std::fenv_t environment_;
};

}  // namespace diffode::detail
