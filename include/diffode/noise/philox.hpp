// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/simd.hpp"
#include "diffode/noise/words.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace diffode {

namespace detail {

// One for each namespace of detail/simd.hpp.
template <class F>
using normals_kernel = void (*)(const word_stream&, std::uint64_t first, F* out, std::size_t count);

template <class F>
normals_kernel<F> normals_for([[maybe_unused]] instruction_set use) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return &avx512::fill<F>;
  if (use == instruction_set::avx2) return &avx2::fill<F>;
#endif
  return &portable::fill<F>;
}

}  // namespace detail

/// Unit normal noise that is a function of (seed, sample, stream, element) and of nothing else: not of batch size,
/// call order, thread count, machine or compiler. The same bits everywhere.
///
/// Source   Philox4x32-10 and Box and Muller 1958, A note on the generation of random normal deviates
/// Words    key = seed (low, high); counter = (element/4 (low, high), first_sample + sample, stream). Words 0 and 1
///          make elements 0 and 1 of the block of four, words 2 and 3 make 2 and 3: with u = (word + 1/2)/2^32,
///          sqrt(-2 ln u0) times cos(2 pi u1) and times sin(2 pi u1)
/// Normals  a float is computed in float, a double in double, with operations that IEEE 754 rounds correctly and in a
///          fixed order: the same bits scalar, with any vectors, and on CUDA
/// Range    at most 6.77 in size, since the words have 32 bits; 1.4e-11 of a true normal's mass lies beyond
/// Error    relative error against exact arithmetic below 2.4e-7 for a float, two units in the last place of 1, and
///          below 5e-16 for a double, in the tails and around 0 too
/// Batches  samples 8 to 15 drawn elsewhere are those of the whole: set first_sample = 8 there
struct philox {
  std::uint64_t seed = 0;
  std::uint32_t first_sample = 0;

  /// The normal of one element.
  double normal(std::uint32_t sample, std::uint32_t stream, std::uint64_t element) const {
    double z;
    fill<double>(sample, stream, element, std::span(&z, 1));
    return z;
  }

  /// Writes elements first_element, first_element + 1, ... to `out`. Any way to cut a fill gives the same numbers.
  template <std::floating_point T>
  void fill(std::uint32_t sample, std::uint32_t stream, std::uint64_t first_element, std::span<T> out,
            instruction_set use = best_instruction_set()) const {
    using F = std::conditional_t<std::same_as<T, float>, float, double>;
    const detail::word_stream words{{detail::low_word(seed), detail::high_word(seed)}, {first_sample + sample, stream}};
    const auto normals = detail::normals_for<F>(detail::lesser(use, best_instruction_set()));
    if constexpr (std::same_as<T, F>) normals(words, first_element, out.data(), out.size());
    else
      for (T& z : out) {
        F one;
        normals(words, first_element++, &one, 1);
        z = static_cast<T>(one);
      }
  }
};

}  // namespace diffode
