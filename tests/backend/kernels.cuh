// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_kernel.cuh"

// The kernels of combines are in files of their own and compiled once: the slow part of the CUDA tests. Programs can do the same.

namespace diffode::detail {

extern template const void* combine_kernel_for<float, combine_given<float>>(unsigned, unsigned, bool);
extern template const void* combine_kernel_for<double, combine_given<double>>(unsigned, unsigned, bool);
extern template const void* combine_kernel_for<float, combine_counted<float>>(unsigned, unsigned, bool);
extern template const void* combine_kernel_for<double, combine_counted<double>>(unsigned, unsigned, bool);

}  // namespace diffode::detail
