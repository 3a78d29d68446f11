// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/cuda_launch.cuh"
#include "diffode/backend/device_array.cuh"
#include "diffode/backend/measure_lane.hpp"
#include "diffode/concept/backend.hpp"

#include <cstddef>
#include <utility>
#include <vector>

// Measures on a device: one warp for each leaf, then branches, in the order of backend/tree.hpp. So they are those of the
// processor to the last bit, for any number of blocks.

namespace diffode::detail {

/// The 32 sums of a warp as one, in every thread of it.
__device__ inline double halved_in_warp(double sum) {
  for (unsigned n = tree_width / 2; n > 0; n /= 2) sum += __shfl_down_sync(0xffffffffU, sum, n);
  return __shfl_sync(0xffffffffU, sum, 0);
}

// What a warp makes of a leaf. One for each measure, so that one kernel does for all.
template <class T>
struct error_leaves {
  using value = double;
  error_measure<T> m;
  __device__ value operator()(std::size_t first, std::size_t count, unsigned lane) const { return halved_in_warp(error_lane(m, first, count, lane)); }
};
template <class A, class B>
struct dot_leaves {
  using value = double;
  const A* a;
  const B* b;
  __device__ value operator()(std::size_t first, std::size_t count, unsigned lane) const { return halved_in_warp(dot_lane(a + first, b + first, count, lane)); }
};
template <class T>
struct moment_leaves {
  using value = lane_moments;
  const T* x;
  __device__ value operator()(std::size_t first, std::size_t count, unsigned lane) const {
    const double n = static_cast<double>(count), mean = halved_in_warp(total_lane(x + first, count, lane)) / n;
    return {n, mean, halved_in_warp(squares_lane(x + first, count, mean, lane))};
  }
};

/// Memory movement  reads the measured arrays once (moments twice, the second time from a cache), writes a value for each leaf
template <class Leaves>
__global__ void __launch_bounds__(block_threads, 1) leaf_kernel(const Leaves leaves, const measure_parts parts, typename Leaves::value* out) {
  const unsigned lane = threadIdx.x % 32;
  const std::size_t warps = std::size_t{gridDim.x} * block_threads / 32, all = parts.parts * parts.leaves();
  for (std::size_t leaf = (std::size_t{blockIdx.x} * block_threads + threadIdx.x) / 32; leaf < all; leaf += warps) {
    const typename Leaves::value v = leaves(parts.first(leaf), parts.count(leaf), lane);
    if (lane == 0) out[leaf] = v;
  }
}

/// One block for each branch: block b makes one value of up to 512 of one tree.
template <class V>
__global__ void __launch_bounds__(block_threads, 1) merge_kernel(const V* in, const tree_values from, V* out) {
  __shared__ V room[merged_at_once];
  const std::size_t branches = (from.values + merged_at_once - 1) / merged_at_once, tree = blockIdx.x / branches, first = blockIdx.x % branches * merged_at_once;
  const unsigned count = static_cast<unsigned>(from.values - first < merged_at_once ? from.values - first : merged_at_once);
  for (unsigned k = threadIdx.x; k < count; k += block_threads) room[k] = in[tree * from.tree_pitch + (first + k) * from.value_pitch];
  for (unsigned step = 1; step < merged_at_once; step *= 2) {
    __syncthreads();
    merge_level(room, count, step, threadIdx.x, block_threads);
  }
  if (threadIdx.x == 0) out[blockIdx.x] = room[0];
}

/// Enqueues measures and keeps the memory that they take on the way.
class cuda_measures {
 public:
  /// The totals of all trees, one after another, in memory that is valid until the next measure. Enqueued, not waited for.
  template <class Leaves, class V = typename Leaves::value>
  result<const V*> try_totals(const Leaves& leaves, const measure_parts& parts, std::size_t merged_with, unsigned most_blocks, const device_memory& from, cudaStream_t stream) {
    const std::size_t all = parts.parts * parts.leaves();
    // Two halves: what a pass reads and what it writes.
    if (const fault f = grow(memory_, 2 * all * sizeof(V), from, stream)) return *f;
    V *in = memory_.as<V>(), *out = in + all;
    const std::size_t blocks = (all * 32 + block_threads - 1) / block_threads;
    if (const fault f = launch("leaf_kernel", &leaf_kernel<Leaves>, static_cast<unsigned>(blocks < most_blocks ? blocks : most_blocks), stream, leaves, parts, in)) return *f;
    if (const fault f = merge(tree_values{parts.parts, parts.leaves(), parts.leaves(), 1}, in, out, stream)) return *f;
    // Every merged_with-th of these trees is one of a larger tree: runs of a lane.
    if (merged_with > 0)
      if (const fault f = merge(tree_values{merged_with, parts.parts / merged_with, 1, merged_with}, in, out, stream)) return *f;
    return static_cast<const V*>(in);
  }

 private:
  /// Until one value of each tree is left; leaves the values in `in`.
  template <class V>
  static fault merge(tree_values of, V*& in, V*& out, cudaStream_t stream) {
    while (of.values > 1) {
      const std::size_t branches = (of.values + merged_at_once - 1) / merged_at_once;
      if (const fault f = launch("merge_kernel", &merge_kernel<V>, static_cast<unsigned>(of.trees * branches), stream, in, of, out)) return f;
      std::swap(in, out);
      of = {of.trees, branches, branches, 1};
    }
    return {};
  }
  device_array memory_;
};

/// Reads `count` values back, and waits for them.
template <class V>
fault read_back(std::vector<V>& to, const V* from, std::size_t count, cudaStream_t stream) {
  to.resize(count);
  if (const fault f = cuda_fault(cudaMemcpyAsync(to.data(), from, count * sizeof(V), cudaMemcpyDeviceToHost, stream), "cudaMemcpyAsync")) return f;
  return cuda_fault(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
}

}  // namespace diffode::detail
