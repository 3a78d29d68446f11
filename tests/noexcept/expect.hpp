// SPDX-License-Identifier: MIT
#pragma once

// What programs without exceptions check with: main returns whether `failures` is 0.
#include "diffode/core/error.hpp"

#include <cstdio>
#include <string_view>

namespace diffode_test {

inline int failures = 0;

inline void expect(bool holds, const char* what) {
  if (holds) return;
  ++failures;
  std::printf("failed: %s\n", what);
}

inline void expect(const diffode::fault& f, std::string_view message) {
  if (f && std::string_view(f->what()) == message) return;
  ++failures;
  std::printf("failed: expected \"%.*s\", is \"%s\"\n", static_cast<int>(message.size()), message.data(), f ? f->what() : "no fault");
}

}  // namespace diffode_test
