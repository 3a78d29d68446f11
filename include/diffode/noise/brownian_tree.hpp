// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/noise/philox.hpp"

#include <bit>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode::detail {

// One Brownian path W for each element, on a clock 0 < u < inf. The octaves 2^k <= u < 2^(k+1) have independent
// increments; inside an octave each half is halved again, the midpoint displaced by a normal of its own. All that is
// added here is a quotient or an exact product: a compiler that fuses products and sums changes no bit.

/// A point of the clock: u = 2^octave (1 + part/2^48).
struct clock_point {
  static constexpr int bits = 48;
  std::int32_t octave;
  std::uint64_t part;
  friend auto operator<=>(const clock_point&, const clock_point&) = default;
};

/// The point at u = e^log_clock, rounded down; never falls where log_clock rises. Infinities are taken as +-1e6.
inline clock_point clock_at(double log_clock) {
  constexpr double ln2 = 0x1.62e42fefa39efp-1, limit = 1e6;
  constexpr std::uint64_t ln2_q64 = 0xB17217F7D1CF79AB, one_q62 = std::uint64_t{1} << 62;
  const double octaves = std::fmin(std::fmax(log_clock, -limit), limit) / ln2, whole = std::floor(octaves);
  const std::int32_t octave = static_cast<std::int32_t>(whole);
  const std::uint64_t fraction_q62 = as_integer((octaves - whole) * 0x1p62);
  if (fraction_q62 == one_q62) return {octave + 1, 0};  // a little below 0, where the difference rounds to 1
  const std::uint64_t x_q64 = high_product(fraction_q62 << 2, ln2_q64);
  std::uint64_t expm1_q62 = 0;  // e^x - 1 = x (1 + x/2 (1 + x/3 (...))); the next term is below 2^-64
  for (std::uint64_t n = 20; n > 0; --n) expm1_q62 = high_product(one_q62 + expm1_q62, x_q64) / n;
  return {octave, expm1_q62 >> (62 - clock_point::bits)};
}

/// u_to - u_from in units of the octave of `to`, with one rounding.
inline double clock_between(const clock_point& from, const clock_point& to) {
  const auto in_octaves = [](const clock_point& p) { return 1 + as_double(p.part) * 0x1p-48; };
  return in_octaves(to) - std::ldexp(in_octaves(from), from.octave - to.octave);
}

/// sqrt(2)^n, rounded once.
inline double root_two_to(int n) { return std::ldexp(n % 2 != 0 ? 0x1.6a09e667f3bcdp+0 : 1., n >> 1); }

/// The paths of a few blocks of four neighbouring elements of one sample.
class brownian_tree {
 public:
  static constexpr std::size_t most_blocks = 32;
  /// Levels of halving within an octave, and how many of them draw normals. Deeper ones count the heads of 32 fair
  /// coins: the variance is the same, the excess kurtosis -1/16, and they cost a quarter.
  static constexpr int levels = clock_point::bits, normal_levels = 16;
  /// Octaves below that of `to` which count: all the others together are 2^-54 of the whole.
  static constexpr std::int32_t octaves = 108;

  brownian_tree(std::uint64_t seed, std::uint32_t sample, std::uint64_t first_block, std::size_t blocks)
      : seed_(seed),
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

  void add(const values& increments) {
    for (std::size_t i = 0; i < size_; ++i) sum_[i] += increments[i];
  }

  node octave(std::int32_t k) {
    draw_normals({k, 0}, unit_ - k, increment_);
    return {k, 1};
  }

  /// Goes from a node to one half of it; the increments over the other half are left in sibling_.
  node half_of(const node& n, bool right) {
    // The midpoint of a bridge over a length of l has the variance l/4.
    const int depth = n.depth(), halvings = unit_ - n.octave + depth + 2;
    if (depth < normal_levels) draw_normals(n, halvings, sibling_);
    else draw_coins(n, halvings, sibling_);
    const double sign = right ? -1 : 1;
    for (std::size_t i = 0; i < size_; ++i) {
      const double middle = 0.5 * increment_[i], displacement = sign * sibling_[i];
      increment_[i] = middle + displacement, sibling_[i] = middle - displacement;
    }
    return n.child(right);
  }

  /// The normals of a node, of variance 2^-halvings.
  void draw_normals(const node& n, int halvings, values& out) const {
    const double scale = root_two_to(halvings);
    words(n, [&](std::size_t i, const std::array<std::uint32_t, 4>& w) {
      const std::array<double, 4> four = normals(w);
      for (std::size_t k = 0; k < 4; ++k) out[i + k] = four[k] / scale;
    });
  }

  /// The same from the heads of 32 fair coins, whose variance is 8.
  void draw_coins(const node& n, int halvings, values& out) const {
    const double scale = root_two_to(halvings + 3);
    words(n, [&](std::size_t i, const std::array<std::uint32_t, 4>& w) {
      for (std::size_t k = 0; k < 4; ++k) out[i + k] = (std::popcount(w[k]) - 16) / scale;
    });
  }

  /// Calls use(i, words of elements i to i + 3) for the random words of a node. Key and stream are hashed from seed and
  /// node, so that they meet those of another node, or of a run that draws from philox with the same seed, with a
  /// probability of 2^-96 a pair.
  template <class Use>
  void words(const node& n, Use use) const {
    constexpr std::uint32_t tag = 0x62726F77;
    const auto key = philox4x32({low_word(n.index), high_word(n.index), static_cast<std::uint32_t>(n.octave), tag},
                                {low_word(seed_), high_word(seed_)});
    for (std::size_t i = 0; i < size_; i += 4) {
      const std::uint64_t block = first_block_ + i / 4;
      use(i, philox4x32({low_word(block), high_word(block), sample_, key[2]}, {key[0], key[1]}));
    }
  }

  std::uint64_t seed_, first_block_;
  std::size_t size_;
  std::uint32_t sample_;
  std::int32_t unit_ = 0;
  values increment_{}, sibling_{}, sum_{};
};

}  // namespace diffode::detail
