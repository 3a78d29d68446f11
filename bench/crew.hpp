// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace diffode_bench {

/// Who runs a hand-written loop: this thread.
struct crew {
  void operator()(std::size_t n, auto body) const { body(std::size_t{0}, n); }
};

}  // namespace diffode_bench
