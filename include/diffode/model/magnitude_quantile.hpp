// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/simd.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace diffode::detail {

template <std::size_t Bytes>
struct key_of;
template <>
struct key_of<2> {
  using type = std::int16_t;
};
template <>
struct key_of<4> {
  using type = std::int32_t;
};
template <>
struct key_of<8> {
  using type = std::int64_t;
};

/// The vectorised part of a selection, for one instruction set.
template <class K>
struct key_loops {
  std::size_t (*skipped)(const void*, std::size_t first, std::size_t count, K mask, K wanted);
  K (*smallest_above)(const void*, std::size_t count, K key, K none);
};

template <class K>
key_loops<K> key_loops_for([[maybe_unused]] instruction_set use) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return {&avx512::skipped<K>, &avx512::smallest_above<K>};
  if (use == instruction_set::avx2) return {&avx2::skipped<K>, &avx2::smallest_above<K>};
#endif
  return {&portable::skipped<K>, &portable::smallest_above<K>};
}

/// Quantiles of absolute values, exact: nothing is sorted or copied as a whole.
///
/// The bits of a number without its sign, its key, are in the order of its absolute value. Counting the leading 11 bits of
/// all keys shows in which interval the wanted order statistic lies, and the next 11 bits are counted in that interval alone;
/// as soon as it holds no more than 2048 numbers, they are collected, and at 16, sorted.
///
/// Passes   over a sample of n: at most 3 (16 bits), 4 (float), 7 (double), however the values lie; mostly 2 for n below
///          1e5. The first counts one element after another, the others skip what is not in the interval with SIMD
/// Memory   48 KiB at most, on the stack
template <class T>
class magnitude_quantile {
 public:
  explicit magnitude_quantile(instruction_set use) : loops_(key_loops_for<key>(use)) {}

  /// Linear between the order statistics next to `ratio` * (n - 1). NaN counts as larger than infinity, and makes a quantile
  /// that touches it NaN.
  double operator()(const T* x, std::size_t n, double ratio) {
    const double place = ratio * static_cast<double>(n - 1);
    const std::size_t below = static_cast<std::size_t>(place);
    const double share = place - static_cast<double>(below), low = value(select(x, n, below));
    if (share == 0) return low;
    const double high = value(next(x, n));
    return low == high ? low : fused(share, high - low, low);
  }

 private:
  using key = typename key_of<sizeof(T)>::type;
  static constexpr int key_bits = 8 * sizeof(T) - 1, widest_digit = 11, narrow_digit = 8;
  static constexpr key none = static_cast<key>((std::uint64_t{1} << key_bits) - 1);
  static constexpr std::size_t most_collected = 2048, most_sorted = 16, tables = 4, block = 64;

  static double value(key k) {
    T v;
    std::memcpy(&v, &k, sizeof v);
    return static_cast<double>(v);
  }
  static key key_at(const void* from, std::size_t i) {
    key k;
    std::memcpy(&k, static_cast<const char*>(from) + i * sizeof k, sizeof k);
    return static_cast<key>(k & none);
  }

  /// use(key) for each of from_ that agrees with decided_ in the bits of mask_.
  template <class Use>
  void each_candidate(const Use& use) const {
    for (std::size_t i = 0; i < count_;) {
      i = loops_.skipped(from_, i, count_, mask_, decided_);
      const std::size_t end = count_ - i > block ? i + block : count_;
      for (; i < end; ++i)
        if (const key k = key_at(from_, i); (k & mask_) == decided_) use(k);
    }
  }
  /// Counts the values of the digit that begins at bit `shift`; says in how many tables.
  std::size_t count(int shift, std::uint64_t digits) {
    const std::size_t used = mask_ == 0 && count_ > most_collected ? tables : 1;
    for (std::size_t t = 0; t < used; ++t) std::memset(counts_[t], 0, (digits + 1) * sizeof counts_[t][0]);
    const auto digit = [&](key k) { return static_cast<std::uint64_t>(k) >> shift & digits; };
    if (used == 1) each_candidate([&](key k) { ++counts_[0][digit(k)]; });
    std::size_t i = used == 1 ? count_ : 0;
    for (; i + tables <= count_; i += tables) {  // neighbours are mostly alike: none waits for the one before it
      ++counts_[0][digit(key_at(from_, i))], ++counts_[1][digit(key_at(from_, i + 1))];
      ++counts_[2][digit(key_at(from_, i + 2))], ++counts_[3][digit(key_at(from_, i + 3))];
    }
    for (; i < count_; ++i) ++counts_[0][digit(key_at(from_, i))];
    return used;
  }

  /// The key of which `rank` others are smaller, or equal and counted before it. Leaves in is_last_ whether all that are equal
  /// to it are counted before it, too.
  key select(const T* x, std::size_t n, std::size_t rank) {
    from_ = x, count_ = n, mask_ = 0, decided_ = 0;
    for (int undecided = key_bits; undecided > 0;) {
      const int wide = count_ > most_collected ? widest_digit : narrow_digit, digit = wide < undecided ? wide : undecided, shift = undecided - digit;
      const std::uint64_t digits = (std::uint64_t{1} << digit) - 1;
      const std::size_t used = count(shift, digits);
      std::uint64_t d = 0;
      std::size_t equal = 0;
      for (;; ++d) {
        equal = 0;
        for (std::size_t t = 0; t < used; ++t) equal += counts_[t][d];
        if (rank < equal) break;
        rank -= equal;
      }
      is_last_ = rank + 1 == equal;
      decided_ = static_cast<key>(decided_ | static_cast<key>(d << shift));
      mask_ = static_cast<key>(mask_ | static_cast<key>(digits << shift));
      undecided = shift;
      if (undecided == 0) break;
      if (equal <= most_sorted) return sorted(rank);
      if (count_ > most_collected && equal <= most_collected) collect();
    }
    return decided_;
  }
  void collect() {
    std::size_t n = 0;
    each_candidate([&](key k) { collected_[n++] = k; });
    from_ = collected_, count_ = n;
  }
  /// The end of a selection among few.
  key sorted(std::size_t rank) {
    collect();
    for (std::size_t n = 1; n < count_; ++n)
      for (std::size_t i = n; i > 0 && collected_[i] < collected_[i - 1]; --i) {
        const key larger = collected_[i - 1];
        collected_[i - 1] = collected_[i], collected_[i] = larger;
      }
    is_last_ = rank + 1 == count_ || collected_[rank + 1] != collected_[rank];
    return decided_ = collected_[rank];
  }

  /// The order statistic after the selected one.
  key next(const T* x, std::size_t n) const {
    if (!is_last_) return decided_;
    const key close = loops_.smallest_above(from_, count_, decided_, none);
    return close != none || from_ == x ? close : loops_.smallest_above(x, n, decided_, none);
  }

  key_loops<key> loops_;
  const void* from_ = nullptr;
  std::size_t count_ = 0;
  key mask_ = 0, decided_ = 0;
  bool is_last_ = false;
  std::uint32_t counts_[tables][std::size_t{1} << widest_digit];  // of samples below 2^32 elements
  key collected_[most_collected];
};

}  // namespace diffode::detail
