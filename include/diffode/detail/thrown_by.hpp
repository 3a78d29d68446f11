// SPDX-License-Identifier: MIT
#pragma once

#include <exception>

namespace diffode::detail {

/// Calls f, and returns what it throws: a thread that others wait for must not unwind. Without exceptions it just calls.
template <class F>
std::exception_ptr thrown_by(const F& f) {
#if defined(__cpp_exceptions)
  try {
    f();
  } catch (...) {
    return std::current_exception();
  }
#else
  f();
#endif
  return nullptr;
}

}  // namespace diffode::detail
