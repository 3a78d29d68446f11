// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/loops.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace diffode::detail {

/// Copies bytes, whole cache lines of them past the caches if there is a way.
inline void copy_block(char* to, const char* from, std::size_t bytes, past_caches_copy past_caches) {
  const std::size_t to_line = (64 - reinterpret_cast<std::uintptr_t>(to) % 64) % 64;
  if (!past_caches || bytes < to_line + 64) {
    std::memcpy(to, from, bytes);
    return;
  }
  const std::size_t end = bytes - (bytes - to_line) % 64;
  std::memcpy(to, from, to_line);
  past_caches(to + to_line, from + to_line, end - to_line);
  std::memcpy(to + end, from + end, bytes - end);
}

/// A combine, apart: rows that are computed, and rows that are one of the inputs as it is, such as a model's output that a
/// later step needs. Those are copied, instead of being converted, computed and rounded.
///
/// A copy keeps the sign of a zero and the bits of what is no number; a sum would start from +0.
template <class T>
class split_rows {
 public:
  explicit split_rows(const combination<T>& c) : whole_(c) {
    if (c.lanes.count > 1) return;
    for (std::size_t r = 0; r < c.out.size(); ++r)
      if (const source* from = copied_from(r)) copies_[copied_++] = {{static_cast<char*>(c.out[r].data), static_cast<const char*>(from->data)}, bytes_of(from->type), is_input(c.out[r].data)};
    if (copied_ == 0) return;
    const std::size_t terms = c.in.size();
    for (std::size_t r = 0; r < c.out.size(); ++r)
      if (!copied_from(r)) {
        out_[computed_] = c.out[r];
        std::memcpy(coefficients_ + computed_++ * terms, c.coefficients.data() + r * terms, terms * sizeof(double));
      }
  }

  std::size_t copies() const { return copied_; }
  /// Whether the only copy can be made in the loop that computes the other rows: of the last input, over an input. An array that is
  /// not read is written sooner by a copy of its own, which need not read it before.
  bool copies_along() const { return copied_ == 1 && copies_[0].over_input && copies_[0].arrays.from == whole_.in.back().data; }
  /// Whether the only copy is one to an array that is not read.
  bool copies_apart() const { return copied_ == 1 && !copies_[0].over_input; }
  const duplicate& copy() const { return copies_[0].arrays; }
  /// What is left to compute, if there are copies.
  combination<T> rest() const { return {{out_, computed_}, whole_.in, {coefficients_, computed_ * whole_.in.size()}, whole_.lanes, whole_.size, whole_.sample_size}; }

  /// `compute(first, last)` for one block after another, each followed by its copies while the caches hold it. Arrays that are only
  /// written go past the caches if there is a way.
  template <class F>
  void in_blocks(std::size_t first, std::size_t last, F&& compute, past_caches_copy past_caches) const {
    constexpr std::size_t block = 4096;
    for (std::size_t i = first; i < last; i += block) {
      const std::size_t end = last - i < block ? last : i + block;
      if (computed_ > 0) compute(i, end);
      for (std::size_t k = 0; k < copied_; ++k) {
        const sized& c = copies_[k];
        copy_block(c.arrays.to + i * c.bytes, c.arrays.from + i * c.bytes, (end - i) * c.bytes, c.over_input ? nullptr : past_caches);
      }
    }
  }

 private:
  /// The input that row r is, if it is one that no row overwrites.
  const source* copied_from(std::size_t r) const {
    const double* const row = whole_.coefficients.data() + r * whole_.in.size();
    if (whole_.in.size() > 1 && row[0] != 0 && row[1] != 0) return nullptr;  // as most are
    const source* only = nullptr;
    for (std::size_t k = 0; k < whole_.in.size(); ++k) {
      if (row[k] == 0) continue;
      if (only || row[k] != 1) return nullptr;
      only = &whole_.in[k];
    }
    if (!only || !only->data || only->type != whole_.out[r].type) return nullptr;
    for (const sink& s : whole_.out)
      if (s.data == only->data) return nullptr;
    return only;
  }

  bool is_input(const void* data) const {
    for (const source& s : whole_.in)
      if (s.data == data) return true;
    return false;
  }

  struct sized {
    duplicate arrays;
    std::size_t bytes;  ///< of an element
    bool over_input;
  };

  const combination<T>& whole_;
  std::size_t copied_ = 0, computed_ = 0;
  sized copies_[most_outputs];
  sink out_[most_outputs];
  double coefficients_[most_outputs * most_inputs];
};

}  // namespace diffode::detail
