// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/element.hpp"

#include <cstddef>

namespace diffode::detail {

/// Element i of an array whose type is known when the program runs.
DIFFODE_HD inline double get(element type, const void* from, std::size_t i) {
  switch (type) {
    case element::f64: return static_cast<const double*>(from)[i];
    case element::f32: return static_cast<double>(static_cast<const float*>(from)[i]);
    case element::f16: return static_cast<double>(static_cast<const float16*>(from)[i]);
    case element::bf16: return static_cast<double>(static_cast<const bfloat16*>(from)[i]);
  }
  return 0;
}

/// Stores v, rounded once.
DIFFODE_HD inline void put(element type, void* to, std::size_t i, double v) {
  switch (type) {
    case element::f64: static_cast<double*>(to)[i] = v; break;
    case element::f32: static_cast<float*>(to)[i] = static_cast<float>(v); break;
    case element::f16: static_cast<float16*>(to)[i] = float16(v); break;
    case element::bf16: static_cast<bfloat16*>(to)[i] = bfloat16(v); break;
  }
}

}  // namespace diffode::detail
