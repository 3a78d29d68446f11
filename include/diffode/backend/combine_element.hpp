// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_group.hpp"
#include "diffode/detail/fused.hpp"

#include <cstddef>
#include <cstdint>

namespace diffode::detail {

struct quotient {
  std::size_t whole, rest;
};

/// a / b and a % b. A device divides numbers of 64 bits in a function that it calls, and what a thread holds in registers goes
/// through memory on the way; here it calls nothing. Numbers beyond 32 bits are divided digit by digit: they are rare.
DIFFODE_HD inline quotient divided(std::size_t a, std::size_t b) {
  if (a < b) return {0, a};
  if (a >> 32 == 0) return {static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(a) % static_cast<std::uint32_t>(b)};
  quotient q{0, 0};
  for (unsigned bit = 64; bit-- > 0;) {
    q.rest = q.rest << 1 | (a >> bit & 1);
    q.whole <<= 1;
    if (q.rest >= b) q.rest -= b, q.whole |= 1;
  }
  return q;
}

/// Which lane element i belongs to, and how far it is from where that lane began, as i goes up in equal steps: divides
/// where it begins and never again.
class lane_walk {
 public:
  DIFFODE_HD lane_walk(const lane_map& m, std::size_t from, std::size_t step) : stride_(m.stride), count_(m.count) {
    const quotient at = divided(from, m.stride), by = divided(step, m.stride);
    lane_ = divided(at.whole, m.count).rest, in_run_ = at.rest;
    step_lane_ = divided(by.whole, m.count).rest, step_run_ = by.rest;
  }
  DIFFODE_HD std::size_t lane() const { return lane_; }
  DIFFODE_HD std::size_t in_run() const { return in_run_; }
  /// Whether `n` elements from here on are of one lane.
  DIFFODE_HD bool holds(std::size_t n) const { return count_ == 1 || n <= stride_ - in_run_; }
  DIFFODE_HD void step() { by(step_lane_, step_run_); }
  /// By so many elements as it holds, at most.
  DIFFODE_HD void ahead(std::size_t n) { by(0, n); }

 private:
  DIFFODE_HD void by(std::size_t lanes, std::size_t elements) {
    lane_ += lanes;
    in_run_ += elements;
    if (in_run_ >= stride_) in_run_ -= stride_, ++lane_;
    if (lane_ >= count_) lane_ -= count_;
  }
  std::size_t stride_, count_, lane_, in_run_, step_lane_, step_run_;
};

/// What one thread of a combine does. It runs on the processor as well, which is how it is tested without a device.
///
/// Memory movement  reads `ins` arrays, writes `outs` arrays, each element once
/// Arithmetic       as concept/backend.hpp says, so the bits are those of the processor backend
///
/// F        float or double, what it computes in;  Group: elements at once, see group_of;  Rows: at least the outputs
/// Various  whether there may be lanes, or inputs that have no array; without, threads need fewer registers
/// Noise    `four<F>(sample, stream, block)` makes the normals of elements 4 block to 4 block + 3
template <class F, unsigned Group, unsigned Rows, bool Various, class Noise>
class combine_thread {
 public:
  DIFFODE_HD combine_thread(const combine_step& s, const F* coefficients, const combine_shape& shape, const Noise& noise)
      : s_(s), c_(coefficients), shape_(shape), noise_(noise) {}

  /// The part of thread number `thread` of `threads`. Neighbouring threads take neighbouring groups.
  DIFFODE_HD void operator()(std::size_t thread, std::size_t threads) const {
    const std::size_t head = s_.head < shape_.size ? s_.head : shape_.size, groups = (shape_.size - head) / Group;
    if constexpr (Various) {
      const std::size_t first = head + thread * Group;
      lane_walk lane(shape_.lanes, first, threads * Group), sample(samples(), first, threads * Group);
      for (std::size_t g = thread; g < groups; g += threads, lane.step(), sample.step()) elements<Group>(head + g * Group, true, lane, sample);
    } else {
      for (std::size_t g = thread; g < groups; g += threads) elements<Group>(head + g * Group, true);
    }
    // What no group holds, at both ends, one by one.
    const std::size_t loose = shape_.size - groups * Group;
    for (std::size_t k = thread; k < loose; k += threads) {
      const std::size_t i = k < head ? k : k + groups * Group;
      if constexpr (Various) elements<1>(i, false, lane_walk(shape_.lanes, i, 0), lane_walk(samples(), i, 0));
      else elements<1>(i, false);
    }
  }

 private:
  /// Arrays whose memory is asked for before the first of it is waited for.
  static constexpr unsigned at_once = Various ? 1 : 4;

  DIFFODE_HD lane_map samples() const { return {shape_.sample_size, ~std::size_t{0}}; }
  template <class Array>
  DIFFODE_HD static auto* place(const Array& a, std::size_t i) {
    if constexpr (requires { a.is_noise; }) return static_cast<const char*>(a.data) + i * bytes_of(a.type);
    else return static_cast<char*>(a.data) + i * bytes_of(a.type);
  }

  template <unsigned N, class... Walk>
  DIFFODE_HD void elements(std::size_t i, bool may_group, const Walk&... walk) const {
    F sum[Rows][N]{};
    for (unsigned first = 0; first < s_.ins; first += at_once) {
      packed memory[at_once];
      for (unsigned j = 0; j < at_once; ++j)
        if (const unsigned k = first + j; k < s_.ins && (!Various || s_.in[k].data))
          read_group<N>(s_.in[k].type, place(s_.in[k], i), may_group && (s_.grouped_in >> k & 1) != 0, memory[j]);
      for (unsigned j = 0; j < at_once; ++j)
        if (const unsigned k = first + j; k < s_.ins) {
          F x[N]{};
          if (!Various || s_.in[k].data) open_group(s_.in[k].type, memory[j], x);
          else make(s_.in[k], x, walk...);
          add(k, x, sum, walk...);
        }
    }
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
    for (unsigned r = 0; r < Rows; ++r)
      if (r < s_.outs) {
        packed memory;
        round_group(s_.out[r].type, sum[r], memory);
        write_group<N>(s_.out[r].type, place(s_.out[r], i), may_group && (s_.grouped_out >> r & 1) != 0, memory);
      }
  }

  /// What has no array: noise, or the constant one.
  template <unsigned N>
  DIFFODE_HD void make(const source& from, F (&x)[N], const lane_walk&, const lane_walk& sample) const {
    if (!from.is_noise) {
      for (unsigned e = 0; e < N; ++e) x[e] = 1;
      return;
    }
    // Four by four, where a sample ends fewer. What goes where is decided by comparing, not by indexing: a device keeps arrays
    // in registers as long as nobody asks for their k-th element.
    lane_walk at = sample;
    for (unsigned e = 0; e < N;) {
      const auto four = noise_.template four<F>(static_cast<std::uint32_t>(at.lane()), from.stream, at.in_run() / 4);
      const unsigned past = static_cast<unsigned>(at.in_run() % 4);
      unsigned n = N - e < 4 - past ? N - e : 4 - past;
      while (!at.holds(n)) --n;
      for (unsigned k = 0; k < N; ++k) {
        const unsigned p = k + past - e;
        const F z = p == 0 ? four.z[0] : p == 1 ? four.z[1] : p == 2 ? four.z[2] : four.z[3];
        if (k >= e && k < e + n) x[k] = z;
      }
      at.ahead(n);
      e += n;
    }
  }
  template <unsigned N>
  DIFFODE_HD void make(const source&, F (&)[N]) const {}

  // Loops over rows are unrolled by name: left to itself, nvcc keeps the sums of many rows in memory.

  /// Adds input k to each row.
  template <unsigned N>
  DIFFODE_HD void add(unsigned k, const F (&x)[N], F (&sum)[Rows][N]) const {
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
    for (unsigned r = 0; r < Rows; ++r)
      if (r < s_.outs) {
        const F c = c_[r * s_.ins + k];
        for (unsigned e = 0; e < N; ++e) sum[r][e] = fused(c, x[e], sum[r][e]);
      }
  }
  template <unsigned N>
  DIFFODE_HD void add(unsigned k, const F (&x)[N], F (&sum)[Rows][N], const lane_walk& lane, const lane_walk&) const {
    const std::size_t count = shape_.lanes.count;
    if (lane.holds(N)) {
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
      for (unsigned r = 0; r < Rows; ++r)
        if (r < s_.outs) {
          const F c = c_[(r * s_.ins + k) * count + lane.lane()];
          for (unsigned e = 0; e < N; ++e) sum[r][e] = fused(c, x[e], sum[r][e]);
        }
      return;
    }
    lane_walk at = lane;
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
    for (unsigned e = 0; e < N; ++e, at.ahead(1))
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
      for (unsigned r = 0; r < Rows; ++r)
        if (r < s_.outs) sum[r][e] = fused(c_[(r * s_.ins + k) * count + at.lane()], x[e], sum[r][e]);
  }

  const combine_step& s_;
  const F* const c_;
  const combine_shape& shape_;
  const Noise& noise_;
};

}  // namespace diffode::detail
