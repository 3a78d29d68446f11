// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/cuda_launch.cuh"
#include "diffode/backend/device_array.cuh"
#include "diffode/backend/select_thread.hpp"
#include "diffode/model/filter.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode {

namespace detail {

inline constexpr unsigned filter_blocks = 64;

template <class T>
__device__ inline arithmetic<T> opened(T x) {
  return static_cast<arithmetic<T>>(x);
}

/// Counts one digit of the keys of sample blockIdx.y. Whole numbers: the order of the additions does not show.
template <class T>
__global__ void __launch_bounds__(block_threads, 1) digit_kernel(const T* x, std::size_t size, unsigned digit, const selection* found, std::uint32_t* counts) {
  __shared__ std::uint32_t own[digit_values];
  for (unsigned k = threadIdx.x; k < digit_values; k += block_threads) own[k] = 0;
  __syncthreads();
  const std::uint64_t decided = found[blockIdx.y].decided;
  const T* const sample = x + blockIdx.y * size;
  for (std::size_t i = std::size_t{blockIdx.x} * block_threads + threadIdx.x; i < size; i += std::size_t{gridDim.x} * block_threads)
    if (const std::uint64_t key = key_of_element(sample[i]); is_candidate<T>(key, decided, digit)) atomicAdd(&own[key >> shift_of<T>(digit) & (digit_values - 1)], 1U);
  __syncthreads();
  for (unsigned k = threadIdx.x; k < digit_values; k += block_threads)
    if (own[k] > 0) atomicAdd(&counts[std::size_t{blockIdx.y} * digit_values + k], own[k]);
}

/// One thread for each sample; leaves its counts at 0 for the next digit.
template <class T>
__global__ void __launch_bounds__(block_threads, 1) decide_digit_kernel(std::size_t samples, unsigned digit, selection* found, std::uint32_t* counts) {
  const std::size_t s = std::size_t{blockIdx.x} * block_threads + threadIdx.x;
  if (s >= samples) return;
  decide(found[s], counts + s * digit_values, shift_of<T>(digit));
  for (unsigned k = 0; k < digit_values; ++k) counts[s * digit_values + k] = 0;
}

template <class T>
__global__ void __launch_bounds__(block_threads, 1) start_kernel(std::size_t samples, std::uint32_t rank, selection* found, std::uint32_t* counts) {
  const std::size_t threads = std::size_t{gridDim.x} * block_threads, first = std::size_t{blockIdx.x} * block_threads + threadIdx.x;
  for (std::size_t s = first; s < samples; s += threads) found[s] = {0, (std::uint64_t{1} << key_bits<T>) - 1, rank, 0};
  for (std::size_t k = first; k < samples * digit_values; k += threads) counts[k] = 0;
}

/// The smallest key above the selected one, where it is wanted.
template <class T>
__global__ void __launch_bounds__(block_threads, 1) above_kernel(const T* x, std::size_t size, selection* found) {
  selection& s = found[blockIdx.y];
  if (!s.is_last) return;
  const T* const sample = x + blockIdx.y * size;
  std::uint64_t least = (std::uint64_t{1} << key_bits<T>) - 1;
  for (std::size_t i = std::size_t{blockIdx.x} * block_threads + threadIdx.x; i < size; i += std::size_t{gridDim.x} * block_threads)
    if (const std::uint64_t key = key_of_element(sample[i]); key > s.decided && key < least) least = key;
  atomicMin(reinterpret_cast<unsigned long long*>(&s.above), static_cast<unsigned long long>(least));
}

struct threshold_rule {
  double share, least, most;
};

/// Memory movement  reads 1 array, writes 1
template <class T>
__global__ void __launch_bounds__(block_threads, 1) threshold_kernel(const T* in, T* out, std::size_t size, const selection* found, const threshold_rule rule) {
  const arithmetic<T> limit = threshold_limit<arithmetic<T>>(quantile_of<T>(found[blockIdx.y], rule.share), rule.least, rule.most);
  const std::size_t first = blockIdx.y * size;
  for (std::size_t i = std::size_t{blockIdx.x} * block_threads + threadIdx.x; i < size; i += std::size_t{gridDim.x} * block_threads)
    out[first + i] = static_cast<T>(bounded_element<true>(opened(in[first + i]), limit));
}

/// Memory movement  reads 1 array, writes 1
template <class T>
__global__ void __launch_bounds__(block_threads, 1) clip_kernel(const T* in, T* out, std::size_t size, arithmetic<T> limit) {
  for (std::size_t i = std::size_t{blockIdx.x} * block_threads + threadIdx.x; i < size; i += std::size_t{gridDim.x} * block_threads)
    out[i] = static_cast<T>(bounded_element<false>(opened(in[i]), limit));
}

}  // namespace detail

/// `clip` for arrays on a device: the same numbers. One launch on `stream`, not waited for.
struct cuda_clip {
  clip rule{};
  cudaStream_t stream = nullptr;

  template <elemental T>
  void operator()(std::span<const T> in, std::span<T> out, const filter_call&) const {
    raise(detail::launch("clip_kernel", &detail::clip_kernel<T>, 16 * detail::filter_blocks, stream, in.data(), out.data(), in.size(), static_cast<arithmetic<T>>(static_cast<T>(rule.range))));
  }
  fault check() const { return rule.check(); }
};

/// `dynamic_threshold` for arrays on a device: the same numbers, quantiles exact. Not waited for.
///
/// Launches  2 for each 11 bits of an element, and 3, for each 4096 samples
/// Memory    8 KiB for each sample, 32 MiB at most, taken at the first call
/// Errors    raises what CUDA says; refuses samples of 2^32 elements and more
class cuda_dynamic_threshold {
 public:
  explicit cuda_dynamic_threshold(const dynamic_threshold& rule = {}, cudaStream_t stream = nullptr, const device_memory& memory = {})
      : rule_(rule), stream_(stream), from_(memory) {}

  template <elemental T>
  void operator()(std::span<const T> in, std::span<T> out, const filter_call& where) {
    const std::size_t size = where.sample_size, samples = in.size() / size;
    raise(detail::check_selection("cuda_dynamic_threshold", size));
    raise(detail::in_parts(samples, [&](std::size_t first, std::size_t count) { return limit(in.data() + first * size, out.data() + first * size, size, count); }));
  }
  fault check() const { return rule_.check(); }

 private:
  template <class T>
  fault limit(const T* in, T* out, std::size_t size, std::size_t samples) {
    using namespace detail;
    const std::size_t at_counts = (samples * sizeof(selection) + 255) / 256 * 256;
    if (const fault f = grow(memory_, at_counts + samples * digit_values * sizeof(std::uint32_t), from_, stream_)) return f;
    selection* const found = memory_.as<selection>();
    std::uint32_t* const counts = reinterpret_cast<std::uint32_t*>(memory_.as<std::byte>() + at_counts);
    const double place = rule_.ratio * static_cast<double>(size - 1);
    const std::uint32_t below = static_cast<std::uint32_t>(place);
    const unsigned each = static_cast<unsigned>((samples + block_threads - 1) / block_threads);
    const dim3 all(filter_blocks, static_cast<unsigned>(samples));
    if (const fault f = launch("start_kernel", &start_kernel<T>, filter_blocks, stream_, samples, below, found, counts)) return f;
    for (unsigned d = 0; d < key_digits<T>; ++d) {
      if (const fault f = launch("digit_kernel", &digit_kernel<T>, all, stream_, in, size, d, found, counts)) return f;
      if (const fault f = launch("decide_digit_kernel", &decide_digit_kernel<T>, each, stream_, samples, d, found, counts)) return f;
    }
    if (const fault f = launch("above_kernel", &above_kernel<T>, all, stream_, in, size, found)) return f;
    return launch("threshold_kernel", &threshold_kernel<T>, all, stream_, in, out, size, found, threshold_rule{place - static_cast<double>(below), rule_.least, rule_.most});
  }

  dynamic_threshold rule_;
  cudaStream_t stream_;
  device_memory from_;
  detail::device_array memory_;
};

}  // namespace diffode
