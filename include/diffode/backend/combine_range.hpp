// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace diffode::detail {

/// A range of elements of one combine, done by one thread. All that it needs is on the stack.
///
/// Long runs of elements with the same coefficients go to the unrolled loops; what is left over goes to loops over tiles
/// of 64 elements, padded where the range ends. Both do the same arithmetic, so where the cut falls changes no bit.
template <class T, class F, class Noise>
class combine_range {
 public:
  combine_range(const combination<T>& c, const Noise& noise, instruction_set use, std::size_t streams_from)
      : c_(c), noise_(noise), loops_(loops_for<F>(use)), fast_(fast_loops_for<T, F>(use)), rows_(c.out.size()), terms_(c.in.size()) {
    std::size_t bytes = 0;
    for (const source& s : c.in) {
      makes_ = makes_ || !s.data;
      bytes += s.data ? bytes_of(s.type) : 0;
    }
    for (const sink& s : c.out) bytes += bytes_of(s.type);
    for (std::size_t r = 0; r < rows_ && bytes * c.size >= streams_from; ++r)
      if (c.out[r].type == element::f32 && element_type<F> == element::f32 && only_written(c.out[r])) streamed_ |= 1U << r;
  }

  void operator()(std::size_t first, std::size_t last) {
    const lane_map& lanes = c_.lanes;
    std::size_t lane = lanes.count == 1 ? 0 : first / lanes.stride % lanes.count, in_run = first % lanes.stride;
    for (std::size_t i = first; i < last;) {
      std::size_t n = last - i;
      if (lanes.count == 1 || lanes.stride >= tile_size) {  // long runs of one lane
        if (lanes.count > 1) n = at_most(n, lanes.stride - in_run);
        for (std::size_t k = 0; k < rows_ * terms_; ++k) same_[k] = static_cast<F>(c_.coefficients[k * lanes.count + lane]);
        run(i, i + n);
        in_run = 0, lane = next(lane);
      } else {
        n = until_made(i, at_most(n, tile_size));
        tile_of_lanes(i, n, lane, in_run);
      }
      i += n;
    }
    if (streamed_ != 0) loops_.end_of_past_caches();  // before another thread may read
  }

 private:
  static constexpr std::size_t tile_size = 64, made_at_once = 512;
  static std::size_t at_most(std::size_t a, std::size_t b) { return a < b ? a : b; }
  std::size_t next(std::size_t lane) const { return lane + 1 == c_.lanes.count ? 0 : lane + 1; }
  bool only_written(const sink& s) const {
    for (const source& from : c_.in)
      if (from.data == s.data) return false;
    return true;
  }

  /// What has no array is made block by block and sample by sample, next to its use.
  std::size_t until_made(std::size_t i, std::size_t n) const {
    return makes_ ? at_most(at_most(n, made_at_once), c_.sample_size - i % c_.sample_size) : n;
  }

  /// Lets in_ and out_ begin with element i, and makes n elements of what has no array.
  void place(std::size_t i, std::size_t n) {
    std::size_t made = 0;
    for (std::size_t k = 0; k < terms_; ++k) {
      in_[k] = from(c_.in[k], i);
      if (!in_[k].data) make(in_[k], i, std::span<F>(made_[made++], n));
    }
    for (std::size_t r = 0; r < rows_; ++r) out_[r] = from(c_.out[r], i);
  }
  static source from(source s, std::size_t i) {
    if (s.data) s.data = static_cast<const char*>(s.data) + i * bytes_of(s.type);
    return s;
  }
  static sink from(sink s, std::size_t i) { return {static_cast<char*>(s.data) + i * bytes_of(s.type), s.type}; }
  void make(source& s, std::size_t i, std::span<F> room) const {
    if (s.is_noise) noise_.fill(static_cast<std::uint32_t>(i / c_.sample_size), s.stream, i % c_.sample_size, room);
    else
      for (F& v : room) v = 1;
    s.data = room.data(), s.type = element_type<F>;
  }

  /// Elements [first, last), all with the coefficients same_.
  void run(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last;) {
      std::size_t n = until_made(i, last - i);
      // First up to where the first output begins a cache line: arrays of one size mostly lie alike.
      const std::size_t line = 64 / bytes_of(c_.out[0].type), past = reinterpret_cast<std::uintptr_t>(from(c_.out[0], i).data) % 64 / bytes_of(c_.out[0].type);
      if (past != 0 && !makes_ && n >= 16 * tile_size) n = line - past;
      place(i, n);
      for (std::size_t k = fast(n); k < n; k += tile_size) tile(k, at_most(tile_size, n - k));
      i += n;
    }
  }

  /// As many of the n placed elements as the fast loops take; says how many.
  std::size_t fast(std::size_t n) const {
    const std::size_t whole = n - n % fast_.chunk;
    if (rows_ > 4 || terms_ == 0 || terms_ > fast_.most_terms || streamed_ != 0) return 0;
    if constexpr (elemental<T>) {
      if (makes_ && element_type<T> != element_type<F>) return 0;  // noise is made as float
      fast_.find(rows_, terms_)(out_, in_, same_, whole);
    } else fast_.rows[rows_ - 1](out_, in_, terms_, same_, whole);
    return whole;
  }

  /// Each of n elements from i on with the coefficients of its own lane.
  void tile_of_lanes(std::size_t i, std::size_t n, std::size_t& lane, std::size_t& in_run) {
    place(i, n);
    // Neighbouring lanes have neighbouring coefficients; where the tile ends or comes back to lane 0, they are gathered.
    const bool is_stream = c_.lanes.stride == 1 && n == tile_size && c_.lanes.count - lane >= tile_size;
    const std::size_t first_lane = lane;
    std::size_t lane_of[tile_size];
    for (std::size_t e = 0; e < tile_size && !is_stream; ++e) {
      lane_of[e] = lane;
      if (e < n && ++in_run == c_.lanes.stride) in_run = 0, lane = next(lane);
    }
    if (is_stream) lane = lane + n == c_.lanes.count ? 0 : lane + n;
    begin_tile(0, n);
    for (std::size_t r = 0; r < rows_; ++r) {
      const double* const row = c_.coefficients.data() + r * terms_ * c_.lanes.count;
      double gathered[most_inputs * tile_size];
      for (std::size_t k = 0; k < terms_ && !is_stream; ++k)
        for (std::size_t e = 0; e < tile_size; ++e) gathered[k * tile_size + e] = row[k * c_.lanes.count + lane_of[e]];
      const sink sum{sums_[r], element_type<F>};
      if (is_stream) loops_.varying(&sum, tile_in_, terms_, row + first_lane, c_.lanes.count, tile_size);
      else loops_.varying(&sum, tile_in_, terms_, gathered, tile_size, tile_size);
    }
    end_tile(0, n);
  }

  /// Elements [k, k + n) of the placed arrays, whatever their number of rows. Rows are summed one after another, and
  /// nothing is written before all are done, for outputs may be inputs.
  void tile(std::size_t k, std::size_t n) {
    begin_tile(k, n);
    for (std::size_t r = 0; r < rows_; ++r) {
      const sink sum{sums_[r], element_type<F>};
      loops_.one_row(&sum, tile_in_, terms_, same_ + r * terms_, tile_size);
    }
    end_tile(k, n);
  }

  /// Lets tile_in_ be elements [k, k + n) of the inputs, followed by zeros.
  void begin_tile(std::size_t k, std::size_t n) {
    for (std::size_t t = 0; t < terms_; ++t) {
      tile_in_[t] = from(in_[t], k);
      if (n == tile_size) continue;
      const std::size_t size = bytes_of(in_[t].type);
      std::memset(padded_[t] + n * size, 0, (tile_size - n) * size);
      std::memcpy(padded_[t], tile_in_[t].data, n * size);
      tile_in_[t].data = padded_[t];
    }
  }
  /// Rounds the sums and stores the first n of each row.
  void end_tile(std::size_t k, std::size_t n) {
    constexpr F one = 1;
    for (std::size_t r = 0; r < rows_; ++r) {
      const sink wanted = from(out_[r], k), to{n == tile_size ? wanted.data : padded_[0], wanted.type};
      const source sums{sums_[r], element_type<F>, false, 0};
      if ((streamed_ >> r & 1U) != 0 && n == tile_size && reinterpret_cast<std::uintptr_t>(to.data) % 64 == 0) {
        loops_.past_caches(to.data, sums_[r], sizeof sums_[r]);
        continue;
      }
      loops_.one_row(&to, &sums, 1, &one, tile_size);
      if (n != tile_size) std::memcpy(wanted.data, to.data, n * bytes_of(wanted.type));
    }
  }

  const combination<T>& c_;
  const Noise& noise_;
  const loops<F>& loops_;
  const fast_loops<T, F> fast_;
  const std::size_t rows_, terms_;
  bool makes_ = false;
  unsigned streamed_ = 0;  ///< rows whose stores go past the caches, as bits
  source in_[most_inputs], tile_in_[most_inputs];
  sink out_[most_outputs];
  F same_[most_outputs * most_inputs];
  alignas(64) F made_[most_made][made_at_once];
  alignas(64) F sums_[most_outputs][tile_size];
  alignas(64) std::byte padded_[most_inputs][tile_size * sizeof(double)];
};

}  // namespace diffode::detail
