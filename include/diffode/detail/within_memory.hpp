// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <new>
#include <string_view>
#include <type_traits>

namespace diffode::detail {

/// What f returns, or a refusal where there is not the memory for it: a large file is no reason to throw. Without exceptions it
/// just calls, and the program ends there.
template <class F>
std::invoke_result_t<const F&> within_memory(std::string_view who, const F& f) {
#if defined(__cpp_exceptions)
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return refuse(errc::bad_file, who, ": takes more memory than there is");
  }
#else
  static_cast<void>(who);
  return f();
#endif
}

}  // namespace diffode::detail
