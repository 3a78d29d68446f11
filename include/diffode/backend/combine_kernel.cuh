// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_element.hpp"
#include "diffode/backend/cuda_launch.cuh"
#include "diffode/backend/philox_groups.hpp"

#include <cstddef>
#include <cstdint>

namespace diffode::detail {

/// Coefficients that travel with the launch: 4 outputs of 40 inputs.
inline constexpr unsigned few_coefficients = 160;

/// A combine that is told all it needs when it is launched.
template <class F>
struct combine_given {
  static constexpr bool counts = false;
  combine_step step;
  combine_shape shape;
  philox_groups noise;
  const F* coefficients;  ///< on the device, or null: `few`
  F few[few_coefficients];
};

/// How far a run is. On the device, where the run itself moves it on.
struct run_progress {
  unsigned next, done;  ///< the step that comes next, and how many blocks are done with it
  unsigned steps, calls, per_call, labels_each;
  philox_groups noise;
};

/// A combine that finds out on the device which step of its table comes next.
template <class F>
struct combine_counted {
  static constexpr bool counts = true;
  const combine_step* steps;
  const F *coefficients, *labels;
  F* label;  ///< of the next evaluation, for the model to read
  run_progress* progress;
  combine_shape shape;
};

/// Lets a run begin. The start comes with the launch: a copy from the host could make CUDA wait.
template <class F>
__global__ void __launch_bounds__(block_threads, 1) begin_kernel(const combine_counted<F> job, const run_progress start) {
  if (threadIdx.x == 0) *job.progress = start;
}

/// The last block to be done with a step lets the next one begin, and says what to tell the model if that comes next. Until
/// then no block of a later launch runs, and every block of this one has read the counter.
template <class F>
__device__ inline void move_on(const combine_counted<F>& job, unsigned step) {
  __shared__ bool is_last;
  __syncthreads();
  if (threadIdx.x == 0) is_last = atomicAdd(&job.progress->done, 1U) == gridDim.x - 1;
  __syncthreads();
  if (!is_last) return;
  const unsigned next = step + 1, per_call = job.progress->per_call, each = job.progress->labels_each;
  if (const unsigned call = next / per_call - 1; next % per_call == 0 && call < job.progress->calls)
    for (unsigned l = threadIdx.x; l < each; l += blockDim.x) job.label[l] = job.labels[static_cast<std::size_t>(call) * each + l];
  if (threadIdx.x == 0) job.progress->done = 0, job.progress->next = next;
}

/// Memory movement  that of combine_thread, and for each block once the step and its coefficients
template <class F, unsigned Group, unsigned Rows, bool Various, class Job>
__global__ void __launch_bounds__(block_threads, 1) combine_kernel(const __grid_constant__ Job job) {
  const std::size_t thread = std::size_t{blockIdx.x} * block_threads + threadIdx.x, threads = std::size_t{gridDim.x} * block_threads;
  if constexpr (Job::counts) {
    __shared__ alignas(16) unsigned char memory[sizeof(combine_step)];  // a step and noise have constructors
    __shared__ F coefficients[most_inputs * most_outputs];
    const unsigned index = job.progress->next;
    if (index >= job.progress->steps) return;  // launched more often than the run has steps
    const std::uint32_t* const words = reinterpret_cast<const std::uint32_t*>(job.steps + index);
    for (unsigned k = threadIdx.x; k < sizeof(combine_step) / 4; k += block_threads) reinterpret_cast<std::uint32_t*>(memory)[k] = words[k];
    __syncthreads();
    const combine_step& step = *reinterpret_cast<const combine_step*>(memory);
    const F* own = job.coefficients + step.coefficients;
    if (!Various || job.shape.lanes.count == 1) {
      for (unsigned k = threadIdx.x; k < step.ins * step.outs; k += block_threads) coefficients[k] = own[k];
      __syncthreads();
      own = coefficients;
    }
    const philox_groups noise = job.progress->noise;
    combine_thread<F, Group, Rows, Various, philox_groups>(step, own, job.shape, noise)(thread, threads);
    move_on(job, index);
  } else {
    combine_thread<F, Group, Rows, Various, philox_groups>(job.step, job.coefficients ? job.coefficients : job.few, job.shape, job.noise)(thread, threads);
  }
}

/// The kernel for what a combine, or all combines of a table, have to do.
template <class F, class Job>
const void* combine_kernel_for(unsigned group, unsigned rows, bool is_various) {
  const auto of = [&]<unsigned Group>() -> const void* {
    const auto various = [&]<bool Various>() -> const void* {
      if (rows <= 1) return reinterpret_cast<const void*>(&combine_kernel<F, Group, 1, Various, Job>);
      if (rows <= 2) return reinterpret_cast<const void*>(&combine_kernel<F, Group, 2, Various, Job>);
      return reinterpret_cast<const void*>(&combine_kernel<F, Group, 4, Various, Job>);
    };
    return is_various ? various.template operator()<true>() : various.template operator()<false>();
  };
  // The sums of many rows need registers: no more than four elements at once.
  if constexpr (sizeof(F) == 8) return rows > 4 ? reinterpret_cast<const void*>(&combine_kernel<F, 2, most_outputs, true, Job>) : of.template operator()<2>();
  else {
    if (rows > 4) return reinterpret_cast<const void*>(&combine_kernel<F, 4, most_outputs, true, Job>);
    return group == 8 ? of.template operator()<8>() : of.template operator()<4>();
  }
}

/// Enough blocks for all groups, but no more than a device runs at a time; blocks go on to further groups.
inline unsigned blocks_for(std::size_t size, unsigned group, unsigned most) {
  const std::size_t needed = (size / group + block_threads - 1) / block_threads;
  return needed < 1 ? 1 : needed < most ? static_cast<unsigned>(needed) : most;
}

/// Enqueues one of them.
template <class Job>
fault launch(const void* kernel, unsigned blocks, const Job& job, cudaStream_t stream) {
  void* arguments[] = {const_cast<Job*>(&job)};
  return launch("combine_kernel", kernel, dim3(blocks), arguments, stream);
}

}  // namespace diffode::detail
