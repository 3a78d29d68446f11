// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <string_view>

namespace diffode::detail {

/// Nothing, or why `who` can not go around a method that wants `recorder::partner`: only the method that the run is
/// planned for is asked whether it has one.
template <class M>
fault without_partner(std::string_view who, const M& inner) {
  if constexpr (requires { M::paired; }) {
    if (M::paired) return refuse(errc::bad_method, who, ": ", inner.name, " carries a second state, needs a method without one");
  }
  return {};
}

}  // namespace diffode::detail
