// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/lanes.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode {

/// The largest combine that a plan may hold: every backend takes this much without allocating. A larger one is refused
/// when the run is planned. `made` inputs are noise or the constant one.
inline constexpr std::size_t most_inputs = 64, most_outputs = 16, most_made = 8;

/// One input of a combine, as memory: an array of the state's size, or, where `data` is null, unit normal noise of a
/// stream, or the constant one.
template <class T>
struct source {
  const T* data;
  bool is_noise;
  std::uint32_t stream;
};

/// out_r[i] = sum_k c[r][k][lane(i)] * in_k[i] for all i < size.
///
/// Shapes  coefficients: out.size() x in.size() x lanes.count;  size = samples * sample_size
/// An output may be the same array as an input (never overlap one partly).
template <class T>
struct combination {
  std::span<T* const> out;
  std::span<const source<T>> in;
  std::span<const double> coefficients;
  lane_map lanes;
  std::size_t size, sample_size;
};

/// How far apart two results are, in units of what is allowed: each element of |a - b| over
/// max(atol, rtol * max(|b|, |scale|)), root mean square over a sample or over all.
///
/// Shapes  a, b, scale: size = samples * sample_size elements;  the result is that of the worst sample, or of the whole
template <class T>
struct error_measure {
  const T *a, *b, *scale;
  std::size_t size, sample_size;
  double atol, rtol;
  bool whole;
};

/// Where the arrays are and who does arithmetic on them.
///
/// Required   `combine(c, noise)`  every linear thing any sampler will ever do
/// Optional   `measure(e)`         an error_measure as a double, for adaptive control; the same bits at every call
/// Semantics  all inputs of an element are read before any output of that element is written; no allocation
/// Models     reference, cpu
template <class B, class T, class Noise>
concept backend = requires(B& b, const combination<T>& c, const Noise& n) { b.template combine<T>(c, n); };

}  // namespace diffode
