// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/cuda_error.cuh"

#include <type_traits>

namespace diffode::detail {

/// Threads of a block, in all kernels.
inline constexpr unsigned block_threads = 256;

/// Enqueues a kernel. What is said is about this launch: cudaGetLastError() after one may tell of somebody else's before.
inline fault launch(const char* name, const void* kernel, dim3 blocks, void** arguments, cudaStream_t stream) {
  const cudaError_t code = cudaLaunchKernel(kernel, blocks, dim3(block_threads), arguments, 0, stream);
  if (code == cudaSuccess) return {};
  return refuse(errc::bad_device, "cudaLaunchKernel of ", name, ": ", cudaGetErrorString(code), " (", cudaGetErrorName(code), ")");
}
template <class... Parameters>
fault launch(const char* name, void (*kernel)(Parameters...), dim3 blocks, cudaStream_t stream, std::type_identity_t<Parameters>... arguments) {
  void* places[] = {const_cast<void*>(static_cast<const void*>(&arguments))...};
  return launch(name, reinterpret_cast<const void*>(kernel), blocks, places, stream);
}

}  // namespace diffode::detail
