// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/element.hpp"
#include "diffode/core/error.hpp"
#include "diffode/detail/fused.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

// The exact quantile of absolute values on a device, digit by digit. The bits of a number without its sign, its key, are in the
// order of its absolute value; NaN is larger than infinity. The processor runs the same code in tests.

namespace diffode::detail {

inline constexpr unsigned digit_bits = 11, digit_values = 1U << digit_bits;

template <class T>
inline constexpr unsigned key_bits = 8 * sizeof(T) - 1;
/// How many digits a key has.
template <class T>
inline constexpr unsigned key_digits = (key_bits<T> + digit_bits - 1) / digit_bits;

/// How far the selection in one sample is.
struct selection {
  std::uint64_t decided;  ///< the upper digits of the wanted key
  std::uint64_t above;    ///< the smallest key that is larger
  std::uint32_t rank;     ///< how many of those that agree in the decided digits are smaller
  std::uint32_t is_last;  ///< nothing that is equal to it comes after it in order
};

template <class T>
DIFFODE_HD std::uint64_t key_of_element(T x) {
  using word = std::conditional_t<sizeof(T) == 2, std::uint16_t, std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
  word bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits & ((std::uint64_t{1} << key_bits<T>) - 1);
}
template <class T>
DIFFODE_HD double value_of_key(std::uint64_t key) {
  T x;
  __builtin_memcpy(&x, &key, sizeof x);  // the lower bytes
  return static_cast<double>(x);
}
/// The bit at which digit number `digit` begins, 0 being the uppermost.
template <class T>
DIFFODE_HD constexpr unsigned shift_of(unsigned digit) {
  return (key_digits<T> - 1 - digit) * digit_bits;
}
/// Whether a key agrees with what is decided before a digit.
template <class T>
DIFFODE_HD bool is_candidate(std::uint64_t key, std::uint64_t decided, unsigned digit) {
  return digit == 0 || key >> shift_of<T>(digit - 1) == decided >> shift_of<T>(digit - 1);
}

/// Decides a digit by the counts of its values.
DIFFODE_HD inline void decide(selection& s, const std::uint32_t* counts, unsigned shift) {
  unsigned d = 0;
  while (s.rank >= counts[d]) s.rank -= counts[d++];
  s.decided |= static_cast<std::uint64_t>(d) << shift;
  s.is_last = s.rank + 1 == counts[d];
}

/// Nothing, or why there is no selection in samples of so many elements.
inline fault check_selection(const char* who, std::size_t sample_size) {
  constexpr std::uint64_t most = 0xffffffff;  // ranks and counts have 32 bits
  if (sample_size <= most) return {};
  return refuse(errc::bad_shape, who, ": size of a sample is ", sample_size, ", needs at most ", most);
}
/// Samples that a device selects in at once, one row of blocks each: fewer than the 65535 that a grid may have, and few enough
/// that their counts take 32 MiB.
inline constexpr std::size_t samples_at_once = 4096;
/// work(first, count) for all samples in parts, until one says what is wrong.
template <class Work>
fault in_parts(std::size_t samples, const Work& work) {
  for (std::size_t first = 0; first < samples; first += samples_at_once)
    if (fault f = work(first, samples - first < samples_at_once ? samples - first : samples_at_once)) return f;
  return {};
}

/// The quantile, linear between the selected order statistic and the next one.
template <class T>
DIFFODE_HD double quantile_of(const selection& s, double share) {
  const double low = value_of_key<T>(s.decided);
  if (share == 0) return low;
  const double high = value_of_key<T>(s.is_last ? s.above : s.decided);
  return low == high ? low : fused(share, high - low, low);
}

/// Limits x to [-limit, limit], and divides it by limit then. NaN stays NaN.
template <bool Divides, class F>
DIFFODE_HD F bounded_element(F x, F limit) {
  const F within = x < -limit ? -limit : x > limit ? limit : x;
  if constexpr (!Divides) return within;
#if defined(__CUDA_ARCH__)
  else if constexpr (sizeof(F) == 4) return __fdiv_rn(within, limit);
  else return __ddiv_rn(within, limit);
#else
  else return within / limit;
#endif
}

}  // namespace diffode::detail
