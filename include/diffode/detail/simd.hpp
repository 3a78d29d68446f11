// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/loops.hpp"
#include "diffode/backend/tree.hpp"
#include "diffode/concept/backend.hpp"
#include "diffode/noise/words.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

// The same kernels, compiled once for each instruction set, whatever the program's own flags are; which one runs is
// decided when it runs. Vectors are those of GCC and Clang (vector_size): explicit, and free of <immintrin.h>, which would
// double what the umbrella header costs to include. See docs/adr/0004-simd.md.

namespace diffode {

/// What the kernels of the processor backend are compiled for; the best that the machine has is taken.
enum class instruction_set : std::uint8_t { portable, avx2, avx512 };

/// The best that this machine has. The kernels convert float16 with F16C, which every processor with AVX2 and FMA has; GCC can
/// ask for it all the same, as a virtual machine may hide it, but Clang 14 refuses the name.
inline instruction_set best_instruction_set() {
#if defined(__x86_64__)
#if !defined(__clang__)
  if (!__builtin_cpu_supports("f16c")) return instruction_set::portable;
#endif
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
    return instruction_set::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return instruction_set::avx2;
#endif
  return instruction_set::portable;
}

namespace detail {

constexpr instruction_set lesser(instruction_set a, instruction_set b) { return a < b ? a : b; }

/// What short loops run on. Processors of Intel are slow for the first microseconds with vectors of 512 bits where nobody has used any for
/// a while, as while a model computes elsewhere (measured in docs/adr/0004-simd.md).
inline instruction_set narrow_where_slow(instruction_set use) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512 && __builtin_cpu_is("intel")) return instruction_set::avx2;
#endif
  return use;
}

}  // namespace detail

}  // namespace diffode

#if defined(__CUDACC__)
#pragma nv_diagnostic push
#pragma nv_diag_suppress 1675  // nvcc does not know `#pragma GCC unroll`; the host's compiler does
// What is shared with CUDA is the processor's alone where it is compiled for vectors.
#pragma push_macro("DIFFODE_HD")
#undef DIFFODE_HD
#define DIFFODE_HD
#endif

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c")
#endif
namespace diffode::detail::avx512 {
#include "diffode/detail/simd_avx512.inl"
#include "diffode/detail/simd_kernels.inl"
}  // namespace diffode::detail::avx512
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif
namespace diffode::detail::avx2 {
#include "diffode/detail/simd_avx2.inl"
#include "diffode/detail/simd_kernels.inl"
}  // namespace diffode::detail::avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

namespace diffode::detail::portable {
#include "diffode/detail/simd_portable.inl"
#include "diffode/detail/simd_kernels.inl"
}  // namespace diffode::detail::portable

#if defined(__CUDACC__)
#pragma pop_macro("DIFFODE_HD")
#pragma nv_diagnostic pop
#endif
