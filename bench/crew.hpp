// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/backend/cpu.hpp>

#include <cstddef>

namespace diffode_bench {

/// Who runs a hand-written loop: this thread.
struct crew {
  explicit crew(std::size_t = 1) {}
  template <class F>
  auto with_backend(F use) const { return use(diffode::cpu{}); }
  void operator()(std::size_t n, auto body) const { body(std::size_t{0}, n); }
};

}  // namespace diffode_bench
