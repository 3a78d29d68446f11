// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <cuda_runtime_api.h>

namespace diffode::detail {

/// Nothing, or what a call of CUDA said, with the call's name.
inline fault cuda_fault(cudaError_t code, const char* call) {
  if (code == cudaSuccess) return {};
  return refuse(errc::bad_device, call, ": ", cudaGetErrorString(code), " (", cudaGetErrorName(code), ")");
}

}  // namespace diffode::detail
