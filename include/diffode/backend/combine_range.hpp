// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/kernels.hpp"
#include "diffode/backend/same_coefficients.hpp"
#include "diffode/backend/split_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace diffode::detail {

/// What a combine does for one element: bytes that it reads and writes, and normal numbers that it makes.
struct work_of_element {
  std::size_t bytes = 0, normals = 0;

  template <class T>
  explicit work_of_element(const combination<T>& c) {
    for (const source& s : c.in) bytes += s.data ? bytes_of(s.type) : 0, normals += s.is_noise ? 1 : 0;
    for (const sink& s : c.out) bytes += bytes_of(s.type);
  }
};

/// A range of elements of one combine, done by one thread. All that it needs is on the stack: about 90 KB, of which a
/// usual combine touches a few.
///
/// Long runs of elements with the same coefficients go to the unrolled loops; what is left over goes to loops over tiles
/// of 64 elements, padded where the range ends. Both do the same arithmetic, so where the cut falls changes no bit.
template <class T, class F, class Noise>
class combine_range {
 public:
  combine_range(const combination<T>& c, const Noise& noise, instruction_set use, bool past_caches)
      : c_(c), noise_(noise), loops_(loops_for<F>(use)), fast_(fast_loops_for<T, F>(use)), rows_(c.out.size()), terms_(c.in.size()) {
    for (const source& s : c.in) makes_ = makes_ || !s.data;
    for (std::size_t r = 0; r < rows_ && past_caches; ++r)
      if (c.out[r].type == element::f32 && element_type<F> == element::f32 && only_written(c.out[r])) streamed_ |= 1U << r;
  }

  /// Makes a copy on the way, if there is a way: in the same loop, or past the caches block by block. Says so.
  bool also_copies(const split_rows<T>& rows, bool past_caches) {
    if constexpr (elemental<T>)
      if (unrolls() && c_.lanes.count == 1 && (rows.copies_along() || (past_caches && rows.copies_apart()))) {
        copied_ = rows.copy(), copied_past_ = !rows.copies_along();
        return true;
      }
    return false;
  }

  void operator()(std::size_t first, std::size_t last) {
    const std::size_t count = c_.lanes.count;
    if (c_.lanes.stride == 1 && count >= tile_size && last - first > count) {
      // Samples whose elements have coefficients of their own: a block of every sample, then the next one, so that coefficients,
      // which are most of what is read, come from memory once.
      for (std::size_t block = 0; block < count; block += lanes_at_once)
        for (std::size_t sample = first / count * count; sample < last; sample += count)
          in_order(at_least(first, sample + block), at_most(last, sample + at_most(count, block + lanes_at_once)));
    } else {
      in_order(first, last);
    }
    if (streamed_ != 0 || copied_past_) loops_.end_of_past_caches();  // before another thread may read
  }

 private:
  static constexpr std::size_t tile_size = 64, made_at_once = 256, lanes_at_once = 2048, most_spread = most_inputs;
  static constexpr std::size_t copied_size = sizeof(T);  ///< bytes; in mixed types no array is copied along
  static std::size_t at_most(std::size_t a, std::size_t b) { return a < b ? a : b; }
  static std::size_t at_least(std::size_t a, std::size_t b) { return a < b ? b : a; }

  /// Elements [first, last), if there are any.
  void in_order(std::size_t first, std::size_t last) {
    const lane_map& lanes = c_.lanes;
    std::size_t lane = lanes.count == 1 ? 0 : first / lanes.stride % lanes.count, in_run = first % lanes.stride;
    for (std::size_t i = first; i < last;) {
      std::size_t n = last - i;
      if (lanes.count == 1 || lanes.stride >= tile_size) {  // long runs of one lane
        if (lanes.count > 1) n = at_most(n, lanes.stride - in_run);
        same_.take(c_, lane, of_one_type());
        run(i, i + n);
        in_run = 0, lane = next(lane);
      } else if (lanes.stride == 1 && at_most(n, lanes.count - lane) >= tile_size) {  // neighbours have neighbouring coefficients
        n = until_made(i, at_most(n, lanes.count - lane));
        n = n < tile_size ? n : n / tile_size * tile_size;
        place(i, n);
        if (n < tile_size) tile_of_runs(n, lane, 0);
        else neighbours(n, lane);
        lane = lane + n == lanes.count ? 0 : lane + n;
      } else {
        // Whole periods, if they are short: then coefficients are laid out for the first tile and stay.
        const std::size_t period = lanes.stride * lanes.count;
        n = until_made(i, at_most(n, period > tile_size ? tile_size : tile_size / period * period));
        place(i, n);
        tile_of_runs(n, lane, in_run);
        in_run += n;
        lane = (lane + in_run / lanes.stride) % lanes.count, in_run %= lanes.stride;
      }
      i += n;
    }
  }

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
    if (copied_.to) copied_here_ = {copied_.to + i * copied_size, copied_.from + i * copied_size};
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
      else if (streamed_ != 0 || copied_past_) n = at_most(n, made_at_once);
      place(i, n);
      const unsigned staged = stage(n);
      const std::size_t done = fast(n);
      for (std::size_t k = done; k < n; k += tile_size) tile(k, at_most(tile_size, n - k));
      if (copied_past_) copy_block(copied_here_.to, copied_here_.from, n * copied_size, loops_.past_caches);
      else if (copied_.to) std::memcpy(copied_here_.to + done * copied_size, copied_here_.from + done * copied_size, (n - done) * copied_size);
      for (std::size_t r = 0; staged >> r != 0; ++r)
        if ((staged >> r & 1U) != 0) loops_.past_caches(from(c_.out[r], i).data, out_[r].data, n * sizeof(F));
      i += n;
    }
  }

  /// Lets rows that are to go past the caches be written to memory that stays in them first, where they are whole cache
  /// lines; says which.
  unsigned stage(std::size_t n) {
    unsigned staged = 0;
    for (std::size_t r = 0; r < rows_ && r < most_made && streamed_ >> r != 0 && !makes_; ++r)
      if ((streamed_ >> r & 1U) != 0 && n * sizeof(F) % 64 == 0 && reinterpret_cast<std::uintptr_t>(out_[r].data) % 64 == 0) {
        out_[r].data = made_[r];
        staged |= 1U << r;
      }
    return staged;
  }

  /// Whether all arrays are of one type: what is made is of the type that is computed in.
  bool of_one_type() const {
    if constexpr (elemental<T>) return !makes_ || element_type<T> == element_type<F>;
    return false;
  }
  /// Whether there is an unrolled loop for this combine.
  bool unrolls() const { return of_one_type() && fast_.unrolls(rows_, terms_); }

  /// As many of the n placed elements as the fast loops take; says how many.
  std::size_t fast(std::size_t n) const {
    if (rows_ == 0 || rows_ > 4 || terms_ == 0) return 0;
    if constexpr (elemental<T>)
      if (unrolls()) {
        const std::size_t whole = n - n % fast_.unrolled_chunk;
        fast_.loop(rows_, terms_, same_.second())(out_, in_, same_.all(), copied_past_ ? duplicate{} : copied_here_, whole);
        return whole;
      }
    if (!fast_.rows[rows_ - 1]) return 0;
    const std::size_t whole = n - n % fast_.chunk;
    fast_.rows[rows_ - 1](out_, in_, terms_, same_.all(), whole);
    return whole;
  }

  /// The first n placed elements, whole tiles, which belong to the lanes from `lane` on, one to each.
  void neighbours(std::size_t n, std::size_t lane) {
    const double* const first = c_.coefficients.data() + lane;
    if (rows_ > 0 && rows_ <= 4) return loops_.varying[rows_ - 1](out_, in_, terms_, first, c_.lanes.count, n);
    for (std::size_t k = 0; k < n; k += tile_size) {
      begin_tile(k, tile_size);
      for (std::size_t r = 0; r < rows_; ++r) {
        const sink sum{sums_[r], element_type<F>};
        loops_.varying[0](&sum, tile_in_, terms_, first + r * terms_ * c_.lanes.count + k, c_.lanes.count, tile_size);
      }
      end_tile(k, tile_size);
    }
  }

  /// The first n placed elements, beginning inside a run of `lane`.
  void tile_of_runs(std::size_t n, std::size_t lane, std::size_t in_run) {
    begin_tile(0, n);
    const std::size_t rows = rows_ * terms_ <= most_spread ? rows_ : 1;
    for (std::size_t r = 0; r < rows_; ++r) {
      if (rows < rows_ || (r == 0 && (spread_lane_ != lane || spread_in_run_ != in_run))) spread(r, rows, lane, in_run);
      const sink sum{sums_[r], element_type<F>};
      loops_.varying[0](&sum, tile_in_, terms_, spread_ + r % rows * terms_ * tile_size, tile_size, tile_size);
    }
    end_tile(0, n);
  }

  /// Lays out the coefficients of some rows element by element, as for neighbouring lanes.
  void spread(std::size_t first_row, std::size_t rows, std::size_t lane, std::size_t in_run) {
    spread_lane_ = lane, spread_in_run_ = in_run;
    const double* const from = c_.coefficients.data() + first_row * terms_ * c_.lanes.count;
    for (std::size_t e = 0; e < tile_size; ++e) {
      for (std::size_t k = 0; k < rows * terms_; ++k) spread_[k * tile_size + e] = from[k * c_.lanes.count + lane];
      if (++in_run == c_.lanes.stride) in_run = 0, lane = next(lane);
    }
  }

  /// Elements [k, k + n) of the placed arrays, whatever their number of rows. Rows are summed one after another, and
  /// nothing is written before all are done, for outputs may be inputs.
  void tile(std::size_t k, std::size_t n) {
    begin_tile(k, n);
    const bool brief = same_.second() != 0;
    for (std::size_t r = brief ? 1 : 0; r < rows_; ++r) {
      const sink sum{sums_[r], element_type<F>};
      loops_.one_row(&sum, tile_in_, terms_, same_.row(r), tile_size);
    }
    if (brief) {
      const source terms[] = {tile_in_[0], tile_in_[same_.second()]};
      const sink sum{sums_[0], element_type<F>};
      loops_.one_row(&sum, terms, 2, same_.row(0), tile_size);
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
    for (std::size_t r = 0; r < rows_; ++r) {
      const sink wanted = from(out_[r], k), to{n == tile_size ? wanted.data : padded_[0], wanted.type};
      loops_.stored(to, sums_[r], tile_size);
      if (n != tile_size) std::memcpy(wanted.data, to.data, n * bytes_of(wanted.type));
    }
  }

  const combination<T>& c_;
  const Noise& noise_;
  const loops<F>& loops_;
  const fast_loops<T, F>& fast_;
  const std::size_t rows_, terms_;
  bool makes_ = false;
  unsigned streamed_ = 0;  ///< rows whose stores go past the caches, as bits
  duplicate copied_{}, copied_here_{};  ///< whole, and from the placed element on
  bool copied_past_ = false;            ///< the caches
  source in_[most_inputs], tile_in_[most_inputs];
  sink out_[most_outputs];
  same_coefficients<F> same_;
  std::size_t spread_lane_ = static_cast<std::size_t>(-1), spread_in_run_ = 0;  ///< where the tile began that spread_ is for
  double spread_[most_spread * tile_size];
  alignas(64) F made_[most_made][made_at_once];
  alignas(64) F sums_[most_outputs][tile_size];
  alignas(64) std::byte padded_[most_inputs][tile_size * sizeof(double)];
};

}  // namespace diffode::detail
