// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/declare_kernels.hpp"

// The kernels that declare_kernels.hpp speaks of. To be included in one file of a program, by itself.
#if defined(__x86_64__)
namespace diffode::detail {

namespace avx2 {
template unrolled_kernel<float> unrolled_for<float>(std::size_t, std::size_t);
template unrolled_kernel<double> unrolled_for<double>(std::size_t, std::size_t);
template unrolled_kernel<float16> unrolled_for<float16>(std::size_t, std::size_t);
template unrolled_kernel<bfloat16> unrolled_for<bfloat16>(std::size_t, std::size_t);
template void looped<float, 1>(const sink*, const source*, std::size_t, const float*, std::size_t);
template void looped<float, 2>(const sink*, const source*, std::size_t, const float*, std::size_t);
template void looped<float, 3>(const sink*, const source*, std::size_t, const float*, std::size_t);
template void looped<float, 4>(const sink*, const source*, std::size_t, const float*, std::size_t);
template void varying<float>(const sink*, const source*, std::size_t, const double*, std::size_t, std::size_t);
template void fill<float>(const word_stream&, std::uint64_t, float*, std::size_t);
template void looped<double, 1>(const sink*, const source*, std::size_t, const double*, std::size_t);
template void looped<double, 2>(const sink*, const source*, std::size_t, const double*, std::size_t);
template void looped<double, 3>(const sink*, const source*, std::size_t, const double*, std::size_t);
template void looped<double, 4>(const sink*, const source*, std::size_t, const double*, std::size_t);
template void varying<double>(const sink*, const source*, std::size_t, const double*, std::size_t, std::size_t);
template void fill<double>(const word_stream&, std::uint64_t, double*, std::size_t);
}
namespace avx512 {
template unrolled_kernel<float> unrolled_for<float>(std::size_t, std::size_t);
template unrolled_kernel<double> unrolled_for<double>(std::size_t, std::size_t);
template unrolled_kernel<float16> unrolled_for<float16>(std::size_t, std::size_t);
template unrolled_kernel<bfloat16> unrolled_for<bfloat16>(std::size_t, std::size_t);
template void looped<float, 1>(const sink*, const source*, std::size_t, const float*, std::size_t);
template void looped<float, 2>(const sink*, const source*, std::size_t, const float*, std::size_t);
template void looped<float, 3>(const sink*, const source*, std::size_t, const float*, std::size_t);
template void looped<float, 4>(const sink*, const source*, std::size_t, const float*, std::size_t);
template void varying<float>(const sink*, const source*, std::size_t, const double*, std::size_t, std::size_t);
template void fill<float>(const word_stream&, std::uint64_t, float*, std::size_t);
template void looped<double, 1>(const sink*, const source*, std::size_t, const double*, std::size_t);
template void looped<double, 2>(const sink*, const source*, std::size_t, const double*, std::size_t);
template void looped<double, 3>(const sink*, const source*, std::size_t, const double*, std::size_t);
template void looped<double, 4>(const sink*, const source*, std::size_t, const double*, std::size_t);
template void varying<double>(const sink*, const source*, std::size_t, const double*, std::size_t, std::size_t);
template void fill<double>(const word_stream&, std::uint64_t, double*, std::size_t);
}

}  // namespace diffode::detail
#endif
