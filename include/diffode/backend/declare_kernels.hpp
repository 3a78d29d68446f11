// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/kernels.hpp"
#include "diffode/noise/philox.hpp"

// For programs of many files that run samplers: with this header, included before the rest of diffode, a file leaves the
// kernels to that one file of the program which includes diffode/backend/compile_kernels.hpp. Changes nothing else.
namespace diffode::detail {

extern template const loops<float>& loops_for<float>(instruction_set);
extern template normals_kernel<float> normals_for<float>(instruction_set);
extern template const loops<double>& loops_for<double>(instruction_set);
extern template normals_kernel<double> normals_for<double>(instruction_set);
extern template const fast_loops<float, float>& fast_loops_for<float, float>(instruction_set);
extern template const fast_loops<double, double>& fast_loops_for<double, double>(instruction_set);
extern template const fast_loops<float16, float>& fast_loops_for<float16, float>(instruction_set);
extern template const fast_loops<bfloat16, float>& fast_loops_for<bfloat16, float>(instruction_set);
extern template const fast_loops<mixed<float>, float>& fast_loops_for<mixed<float>, float>(instruction_set);
extern template const fast_loops<mixed<double>, double>& fast_loops_for<mixed<double>, double>(instruction_set);

}  // namespace diffode::detail
