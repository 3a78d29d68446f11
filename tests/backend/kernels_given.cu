// SPDX-License-Identifier: MIT
#include "diffode/backend/combine_kernel.cuh"

namespace diffode::detail {

template const void* combine_kernel_for<float, combine_given<float>>(unsigned, unsigned, bool);
template const void* combine_kernel_for<double, combine_given<double>>(unsigned, unsigned, bool);

}  // namespace diffode::detail
