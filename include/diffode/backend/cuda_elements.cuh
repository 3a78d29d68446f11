// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/element.hpp"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

// CUDA's own types of 16 bits as elements: spans of __half and __nv_bfloat16 are arrays like any other.

namespace diffode {

template <>
struct element_traits<__half> {
  static constexpr element type = element::f16;
};
template <>
struct element_traits<__nv_bfloat16> {
  static constexpr element type = element::bf16;
};

}  // namespace diffode
