// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/simd.hpp"
#include "diffode/noise/brownian_clock.hpp"
#include "diffode/noise/words.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode::detail {

// One Brownian path W for each element, on a clock 0 < u < inf. The octaves 2^k <= u < 2^(k+1) have independent
// increments; inside an octave each half is halved again, the midpoint displaced by a normal of its own. Levels are
// walked once for many neighbouring elements. All that adds is done by the kernels of noise/brownian.inl, to the same bits
// for any of them.

// One for each namespace of detail/simd.hpp.
struct brownian_kernels {
  void (*scaled_normals)(const word_stream&, std::uint64_t first, std::size_t count, double scale, double* out);
  void (*by_normals)(const word_stream&, std::uint64_t first, std::size_t count, double scale, double* x, double* other);
  void (*by_coins)(const word_stream&, std::uint64_t first, std::size_t count, double scale, double* x, double* other);
  void (*add_to)(double* sum, const double* x, std::size_t count);
};

inline brownian_kernels brownian_kernels_for([[maybe_unused]] instruction_set use) {
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return {&avx512::scaled_normals, &avx512::halve<false>, &avx512::halve<true>, &avx512::add_to};
  if (use == instruction_set::avx2) return {&avx2::scaled_normals, &avx2::halve<false>, &avx2::halve<true>, &avx2::add_to};
#endif
  return {&portable::scaled_normals, &portable::halve<false>, &portable::halve<true>, &portable::add_to};
}

/// The paths of a few blocks of four neighbouring elements of one sample.
class brownian_tree {
 public:
  static constexpr std::size_t most_blocks = 32;
  /// Levels of halving within an octave, and how many of them draw normals. Deeper ones count the heads of 32 fair
  /// coins: the variance is the same, the excess kurtosis -1/16, and they cost less.
  static constexpr int levels = clock_point::bits, normal_levels = 16;
  /// Octaves below that of `to` which count: all the others together are 2^-54 of the whole.
  static constexpr std::int32_t octaves = 108;

  brownian_tree(std::uint64_t seed, std::uint32_t sample, std::uint64_t first_block, std::size_t blocks, instruction_set use)
      : kernels_(brownian_kernels_for(use)),
        seed_(seed),
        first_block_(first_block),
        size_(4 * blocks),
        sample_(sample) {}

  /// W(to) - W(from) of each element, in units of the square root of the octave of `to`. Needs from < to.
  std::span<const double> between(const clock_point& from, const clock_point& to) {
    for (std::size_t i = 0; i < size_; ++i) sum_[i] = 0;
    unit_ = to.octave;
    if (from.octave == to.octave) {
      add_within(octave(to.octave), from.part, to.part);
      return {sum_.data(), size_};
    }
    const std::int32_t lowest = to.octave - octaves;
    if (from.octave >= lowest) add_rest(octave(from.octave), from.part);
    for (std::int32_t k = from.octave < lowest ? lowest : from.octave + 1; k < to.octave; ++k)
      octave(k), add(increment_);
    if (to.part != 0) add_start(octave(to.octave), to.part);
    return {sum_.data(), size_};
  }

 private:
  using values = std::array<double, 4 * most_blocks>;

  /// A dyadic part of an octave. Index 1 is the octave, 2 and 3 its halves, 4 to 7 its quarters, ...
  struct node {
    std::int32_t octave;
    std::uint64_t index;
    int depth() const { return static_cast<int>(std::bit_width(index)) - 1; }
    std::uint64_t length() const { return std::uint64_t{1} << (levels - depth()); }
    bool right_of_middle(std::uint64_t part) const { return (part & length() / 2) != 0; }
    std::uint64_t offset(std::uint64_t part) const { return part & (length() - 1); }
    node child(bool right) const { return {octave, 2 * index + right}; }
  };

  // Below, increment_ holds the increments over the node that a function is given or returns.

  /// Adds W(to) - W(from), both in the node. Common ancestors are passed before anything is added: nothing cancels.
  void add_within(node n, std::uint64_t from, std::uint64_t to) {
    while (n.right_of_middle(from) == n.right_of_middle(to)) n = half_of(n, n.right_of_middle(to));
    const node left = half_of(n, false);
    const values right = sibling_;
    add_rest(left, from);
    increment_ = right;
    add_start(n.child(true), to);
  }

  /// Adds W(part) - W(start of the node).
  void add_start(node n, std::uint64_t part) {
    while (n.offset(part) != 0) {
      const bool right = n.right_of_middle(part);
      n = half_of(n, right);
      if (right) add(sibling_);
    }
  }

  /// Adds W(end of the node) - W(part).
  void add_rest(node n, std::uint64_t part) {
    while (n.offset(part) != 0) {
      const bool right = n.right_of_middle(part);
      n = half_of(n, right);
      if (!right) add(sibling_);
    }
    add(increment_);
  }

  void add(const values& increments) { kernels_.add_to(sum_.data(), increments.data(), size_); }

  node octave(std::int32_t k) {
    kernels_.scaled_normals(words({k, 0}), first_block_, size_, root_two_to(k - unit_), increment_.data());
    return {k, 1};
  }

  /// Goes from a node to one half of it; the increments over the other half are left in sibling_.
  node half_of(const node& n, bool right) {
    // The midpoint of a bridge over a length of l has the variance l/4, 32 coins have the variance 8. To the right of the
    // midpoint is what it lacks.
    const int depth = n.depth(), halvings = unit_ - n.octave + depth + 2;
    const bool coins = depth >= normal_levels;
    const double scale = root_two_to(-halvings - (coins ? 3 : 0));
    (coins ? kernels_.by_coins : kernels_.by_normals)(words(n), first_block_, size_, right ? -scale : scale, increment_.data(), sibling_.data());
    return n.child(right);
  }

  /// The random words of a node. Key and stream are hashed from seed and node, so that they meet those of another node, or
  /// of a run that draws from philox with the same seed, with a probability of 2^-96 a pair.
  word_stream words(const node& n) const {
    constexpr std::uint32_t tag = 0x62726F77;
    const auto key = philox4x32({low_word(n.index), high_word(n.index), static_cast<std::uint32_t>(n.octave), tag},
                                {low_word(seed_), high_word(seed_)});
    return {{key[0], key[1]}, {sample_, key[2]}};
  }

  brownian_kernels kernels_;
  std::uint64_t seed_, first_block_;
  std::size_t size_;
  std::uint32_t sample_;
  std::int32_t unit_ = 0;
  values increment_{}, sibling_{}, sum_{};
};

}  // namespace diffode::detail
