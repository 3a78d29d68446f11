// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_at_once.hpp"
#include "diffode/backend/combine_range.hpp"
#include "diffode/backend/measure_kernels.hpp"
#include "diffode/backend/threads_pay.hpp"
#include "diffode/concept/executor.hpp"
#include "diffode/detail/shared.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace diffode {

struct cpu_options {
  /// The best instruction set to use; a machine that has less uses what it has. The bits of the results are the same.
  instruction_set most = instruction_set::avx512;
  /// Bytes that a part moves, at least. Parts are taken by whoever has time, the calling thread among them, so a thread that
  /// sleeps late costs nothing; but a combine of less than two parts may not be worth waking anyone.
  std::size_t grain = std::size_t{4} << 20;
  /// Bytes from which on a combine of less than two parts is shared all the same where that is faster: a backend and its copies find it
  /// out by timing a few combines either way, now and then. From 2 grain on nothing is tried, nor what is done at once.
  std::size_t tries_from = std::size_t{2} << 20;
  /// Bytes that a combine moves from which on arrays that it only writes are stored past the caches.
  std::size_t streams_from = std::size_t{96} << 20;
  /// Bytes below which a combine of arrays of one type is done by one call of a loop, if nothing stands in the way: it takes a few
  /// microseconds, and what precedes the loop would be a tenth of them.
  std::size_t at_once_below = std::size_t{512} << 10;
  /// Bytes below which vectors have 256 bits on Intel where all arrays are of one type, for those of 512 are slow at first where a model
  /// has not used them just before; 0 if yours does. A sixteenth of it where arrays have 16 bits, whose arithmetic takes as long as their
  /// memory.
  std::size_t narrow_below = std::size_t{8} << 20;
};

/// The processor, with explicit SIMD for what it turns out to be when the program runs, on the threads of an executor.
///
/// Memory movement  reads `terms` arrays, writes `rows` arrays, each element once; noise is made in the loop
/// Arithmetic       float (double for arrays of doubles), fused multiply-adds in the order of the terms, one rounding on
///                  store: the same bits with any instruction set, number of threads, alignment, and cut into samples (but for
///                  NaN's, and terms of coefficient 0 beside inputs that are not finite: docs/concepts/backend.md)
/// Unrolled         up to 4 rows x 10 terms of one element type; beyond that, and for mixed types, loops
template <executor Executor = caller>
class basic_cpu {
 public:
  basic_cpu(cpu_options o = {})
    requires(std::same_as<Executor, caller>)
      : basic_cpu(o, nullptr) {}
  /// `threads` must outlive the backend and its copies.
  explicit basic_cpu(Executor& threads, cpu_options o = {}) : basic_cpu(o, &threads) {}

  template <class T, class Noise>
  void combine(const combination<T>& c, const Noise& noise) const {
    using F = typename detail::arithmetic_in<T>::type;
    const std::size_t most_bytes = (c.in.size() + c.out.size()) * c.size * sizeof(F);
    // Elements of 16 bits count twice in most_bytes.
    const bool narrow = elemental<T> && most_bytes < options_.narrow_below / (sizeof(T) < sizeof(F) ? 8 : 1);
    const instruction_set use = narrow ? narrow_ : use_;
    const std::size_t done = most_bytes < at_once_ ? detail::combine_at_once<F>(c, use) : 0;
    if (done < c.size) combine_from<F>(done, c, noise, use);
  }

  template <class T>
  double measure(const error_measure<T>& m) const {
    return detail::measured(m, detail::error_leaf_for<T>(use_), workers());
  }
  template <class T>
  void measure(const moment_measure<T>& m, std::span<lane_moments> out) const {
    detail::measured(m, out, detail::moment_leaf_for<T>(use_), workers());
  }
  template <class A, class B>
  void measure(const dot_measure<A, B>& m, std::span<double> out) const {
    detail::measured(m, out, detail::dot_leaf_for<A, B>(use_), workers());
  }

  /// The best that kernels run on here; combines below narrow_below may take less.
  instruction_set uses() const { return use_; }

 private:
  basic_cpu(cpu_options o, Executor* threads)
      : options_(o), use_(detail::lesser(o.most, best_instruction_set())), narrow_(detail::narrow_where_slow(use_)), threads_(threads) {
    at_once_ = o.at_once_below < o.streams_from ? o.at_once_below : o.streams_from;
    if (threads && 2 * o.grain < at_once_) at_once_ = 2 * o.grain;  // from two parts on there is work for others
  }

  /// Elements `done` and up. Not inlined, so that little code and stack is touched where all is done at once.
  template <class F, class T, class Noise>
  [[gnu::noinline]] void combine_from(std::size_t done, const combination<T>& c, const Noise& noise, instruction_set use) const {
    const detail::split_rows<T> rows(c);
    const combination<T> computed = rows.copies() > 0 ? rows.rest() : c;
    const detail::work_of_element work(c);
    const auto part = [&](std::size_t first, std::size_t last) {
      const bool streams = work.bytes * c.size >= options_.streams_from;
      detail::combine_range<T, F, Noise> compute(computed, noise, use, streams);
      if (rows.copies() == 0 || compute.also_copies(rows, streams)) return compute(first, last);
      const detail::loops<F>& loops = detail::loops_for<F>(use);
      rows.in_blocks(first, last, compute, streams ? loops.past_caches : nullptr);
      if (streams) loops.end_of_past_caches();  // before another thread may read
    };
    if constexpr (!std::same_as<Executor, caller>) {
      // Cuts between whole pages' worth of elements, so that two threads seldom write to one cache line.
      const auto share = [&](std::size_t parts) {
        const auto cut = [&](std::size_t k) { return k == parts ? c.size : c.size / 1024 * k / parts * 1024; };
        threads_->run(parts, [&](std::size_t k) { part(cut(k), cut(k + 1)); });
      };
      // A normal number takes as long as 16 bytes.
      const std::size_t threads = done > 0 ? 1 : threads_->threads(), bytes = (work.bytes + 16 * work.normals) * c.size;
      const std::size_t parts = threads > 1 ? parts_of(bytes, threads) : 1;
      if (parts > 1) return share(parts);
      if (threads > 1 && bytes >= options_.tries_from)
        return tries_->run(bytes, [&](bool several) { several ? share(tried_parts_of_a_thread * threads) : part(0, c.size); });
    }
    part(done, c.size);
  }

  std::size_t parts_of(std::size_t bytes, std::size_t threads) const {
    const std::size_t parts = detail::parts_of(bytes, options_.grain, most_parts_of_a_thread * threads);
    return parts < threads ? parts : parts / threads * threads;  // nobody has one more than the others
  }
  /// Measures are cut by elements; one stands for 8 bytes.
  detail::workers<Executor> workers() const { return {threads_, options_.grain / 8}; }

  static constexpr std::size_t most_parts_of_a_thread = 16, tried_parts_of_a_thread = 4;
  struct nothing_to_try {};
  struct tries : detail::shared<detail::threads_pay<>> {
    tries() : shared(make<detail::threads_pay<>>()) {}
  };

  cpu_options options_;
  instruction_set use_, narrow_;  ///< narrow_ for combines below narrow_below
  std::size_t at_once_;           ///< bytes below which a combine may be done by one loop
  Executor* threads_ = nullptr;
  [[no_unique_address]] std::conditional_t<std::same_as<Executor, caller>, nothing_to_try, tries> tries_;
};

using cpu = basic_cpu<>;

}  // namespace diffode
