// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_kernel.cuh"
#include "diffode/backend/lane_coefficients.hpp"
#include "diffode/concept/measure.hpp"

#include <cstddef>

namespace diffode {

namespace detail {

/// formula(step, moments, coefficients) for each lane of the step that comes next; `step` counts the combines of the table.
///
/// Memory movement  reads 24 bytes for each lane, and what the formula reads and writes
template <class F, class Formula>
__global__ void __launch_bounds__(block_threads, 1) decide_kernel(const combine_counted<F> job, F* coefficients, const lane_moments* measured, const Formula formula) {
  const unsigned step = job.progress->next;
  if (step >= job.progress->steps || job.steps[step].outs == 0) return;
  const combine_step& s = job.steps[step];
  const std::size_t lanes = job.shape.lanes.count;
  for (std::size_t l = std::size_t{blockIdx.x} * block_threads + threadIdx.x; l < lanes; l += std::size_t{gridDim.x} * block_threads)
    formula(step, measured[l], lane_coefficients<F>{coefficients + s.coefficients + l, lanes, s.outs, s.ins});
}

}  // namespace detail

}  // namespace diffode
