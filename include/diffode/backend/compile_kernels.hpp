// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/declare_kernels.hpp"

// The kernels that declare_kernels.hpp speaks of. To be included in one file of a program.
namespace diffode::detail {

template const loops<float>& loops_for<float>(instruction_set);
template normals_kernel<float> normals_for<float>(instruction_set);
template const loops<double>& loops_for<double>(instruction_set);
template normals_kernel<double> normals_for<double>(instruction_set);
template const fast_loops<float, float>& fast_loops_for<float, float>(instruction_set);
template const fast_loops<double, double>& fast_loops_for<double, double>(instruction_set);
template const fast_loops<float16, float>& fast_loops_for<float16, float>(instruction_set);
template const fast_loops<bfloat16, float>& fast_loops_for<bfloat16, float>(instruction_set);
template const fast_loops<mixed<float>, float>& fast_loops_for<mixed<float>, float>(instruction_set);
template const fast_loops<mixed<double>, double>& fast_loops_for<mixed<double>, double>(instruction_set);

}  // namespace diffode::detail
