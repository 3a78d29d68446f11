// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <string_view>

namespace diffode::detail {

/// The most that a strength or a factor may be: beyond use by far, and its powers are still numbers.
inline constexpr double most_strength = 1e6;

/// Nothing, or why an option is no strength of noise or factor on it.
inline fault check_strength(std::string_view who, std::string_view option, double v) {
  if (v >= 0 && v <= most_strength) return {};
  return refuse(errc::bad_method, who, ": ", option, " is ", v, ", needs a number from 0 to ", most_strength);
}

}  // namespace diffode::detail
