// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/cuda_error.cuh"

#include <cstddef>
#include <utility>

namespace diffode {

/// Where device memory comes from: cudaMalloc, or a pool of yours.
///
/// take  lets *where be `bytes` bytes, at an address that is a multiple of 256, usable by what follows on the stream
/// give  takes them back; what was enqueued on the stream before may still use them
struct device_memory {
  void* pool = nullptr;  ///< handed to both, not looked at
  cudaError_t (*take)(void* pool, void** where, std::size_t bytes, cudaStream_t stream) = [](void*, void** where, std::size_t bytes, cudaStream_t) {
    return cudaMalloc(where, bytes);
  };
  cudaError_t (*give)(void* pool, void* where, cudaStream_t stream) = [](void*, void* where, cudaStream_t) { return cudaFree(where); };
};

namespace detail {

/// Bytes on a device, given back when it goes.
class device_array {
 public:
  device_array() = default;
  static result<device_array> try_make(std::size_t bytes, const device_memory& from, cudaStream_t stream) {
    device_array a;
    a.from_ = from;
    a.stream_ = stream;
    if (const fault f = cuda_fault(from.take(from.pool, &a.data_, bytes, stream), "device_memory::take")) return *f;
    a.bytes_ = bytes;
    return result<device_array>(std::move(a));
  }
  device_array(device_array&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)), from_(other.from_), stream_(other.stream_) {}
  device_array& operator=(device_array&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(from_, other.from_);
    std::swap(stream_, other.stream_);
    return *this;
  }
  // There is nobody to tell what giving back says, and an error of the device says so again at the next call.
  ~device_array() {
    if (data_) static_cast<void>(from_.give(from_.pool, data_, stream_));
  }

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }
  /// Enqueues a copy from the host. Its memory can be used again when this returns.
  fault upload(const void* from, std::size_t bytes, std::size_t at = 0) const {
    if (bytes == 0) return {};
    return cuda_fault(cudaMemcpyAsync(static_cast<char*>(data_) + at, from, bytes, cudaMemcpyHostToDevice, stream_), "cudaMemcpyAsync");
  }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
  device_memory from_;
  cudaStream_t stream_ = nullptr;
};

/// Makes sure of at least `bytes`. What the array held is lost when it has to grow.
inline fault grow(device_array& a, std::size_t bytes, const device_memory& from, cudaStream_t stream) {
  if (bytes <= a.bytes()) return {};
  result<device_array> larger = device_array::try_make(bytes, from, stream);
  if (!larger) return larger.reason();
  a = std::move(larger).value();
  return {};
}

}  // namespace detail

}  // namespace diffode
