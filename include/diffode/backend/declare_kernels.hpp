// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/kernels.hpp"
#include "diffode/noise/philox.hpp"

#include <cstddef>
#include <cstdint>

// For programs of many files that run samplers: with this header, included before the rest of diffode, a file leaves the
// kernels to that one file of the program which includes diffode/backend/compile_kernels.hpp. Saves more than half of what a
// sampler takes to compile; changes nothing else.
#if defined(__x86_64__)
namespace diffode::detail {

namespace avx2 {
extern template unrolled_kernel<float> unrolled_for<float>(std::size_t, std::size_t);
extern template unrolled_kernel<double> unrolled_for<double>(std::size_t, std::size_t);
extern template unrolled_kernel<float16> unrolled_for<float16>(std::size_t, std::size_t);
extern template unrolled_kernel<bfloat16> unrolled_for<bfloat16>(std::size_t, std::size_t);
extern template void looped<float, 1>(const sink*, const source*, std::size_t, const float*, std::size_t);
extern template void looped<float, 2>(const sink*, const source*, std::size_t, const float*, std::size_t);
extern template void looped<float, 3>(const sink*, const source*, std::size_t, const float*, std::size_t);
extern template void looped<float, 4>(const sink*, const source*, std::size_t, const float*, std::size_t);
extern template void varying<float>(const sink*, const source*, std::size_t, const double*, std::size_t, std::size_t);
extern template void fill<float>(const word_stream&, std::uint64_t, float*, std::size_t);
extern template void looped<double, 1>(const sink*, const source*, std::size_t, const double*, std::size_t);
extern template void looped<double, 2>(const sink*, const source*, std::size_t, const double*, std::size_t);
extern template void looped<double, 3>(const sink*, const source*, std::size_t, const double*, std::size_t);
extern template void looped<double, 4>(const sink*, const source*, std::size_t, const double*, std::size_t);
extern template void varying<double>(const sink*, const source*, std::size_t, const double*, std::size_t, std::size_t);
extern template void fill<double>(const word_stream&, std::uint64_t, double*, std::size_t);
}
namespace avx512 {
extern template unrolled_kernel<float> unrolled_for<float>(std::size_t, std::size_t);
extern template unrolled_kernel<double> unrolled_for<double>(std::size_t, std::size_t);
extern template unrolled_kernel<float16> unrolled_for<float16>(std::size_t, std::size_t);
extern template unrolled_kernel<bfloat16> unrolled_for<bfloat16>(std::size_t, std::size_t);
extern template void looped<float, 1>(const sink*, const source*, std::size_t, const float*, std::size_t);
extern template void looped<float, 2>(const sink*, const source*, std::size_t, const float*, std::size_t);
extern template void looped<float, 3>(const sink*, const source*, std::size_t, const float*, std::size_t);
extern template void looped<float, 4>(const sink*, const source*, std::size_t, const float*, std::size_t);
extern template void varying<float>(const sink*, const source*, std::size_t, const double*, std::size_t, std::size_t);
extern template void fill<float>(const word_stream&, std::uint64_t, float*, std::size_t);
extern template void looped<double, 1>(const sink*, const source*, std::size_t, const double*, std::size_t);
extern template void looped<double, 2>(const sink*, const source*, std::size_t, const double*, std::size_t);
extern template void looped<double, 3>(const sink*, const source*, std::size_t, const double*, std::size_t);
extern template void looped<double, 4>(const sink*, const source*, std::size_t, const double*, std::size_t);
extern template void varying<double>(const sink*, const source*, std::size_t, const double*, std::size_t, std::size_t);
extern template void fill<double>(const word_stream&, std::uint64_t, double*, std::size_t);
}

}  // namespace diffode::detail
#endif
