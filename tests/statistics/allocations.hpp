// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace diffode_test {

/// How many allocations of 4096 bytes and more still succeed before one fails, and after that all do; below 0 none fails.
extern int large_granted;
/// The most bytes that were asked for at once.
extern std::size_t most_at_once;

}  // namespace diffode_test
