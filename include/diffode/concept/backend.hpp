// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/measure.hpp"
#include "diffode/core/element.hpp"
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
struct source {
  const void* data;
  element type;  ///< of the array
  bool is_noise;
  std::uint32_t stream;
};

/// One output of a combine, as memory.
struct sink {
  void* data;
  element type;
};

/// Stands for an element type where the arrays of one combine have different ones; F is what it computes in.
template <class F>
struct mixed {};

/// out_r[i] = sum_k c[r][k][lane(i)] * in_k[i] for all i < size.
///
/// T           the element type of every array, or mixed<F>: then each array says its own
/// Arithmetic  float, or double (mixed<double>) where any of the arrays holds doubles. The sum starts from 0 and takes the terms in their
///             order, each by one fused multiply-add; coefficients are rounded to the arithmetic's type; each result is
///             rounded once, to nearest even, where it is stored. So all backends but `reference` agree to the last bit
///             (but cpu may leave out terms of coefficient 0, and copy a row that is one input as it is: then a zero may keep its
///             sign, and what is infinite or no number there does not show). Programs compiled with -ffast-math are on their own
/// Shapes      coefficients: out.size() x in.size() x lanes.count;  size = samples * sample_size
/// An output may be the same array as an input (never overlap one partly, never share one with another element type).
template <class T>
struct combination {
  std::span<const sink> out;
  std::span<const source> in;
  std::span<const double> coefficients;
  lane_map lanes;
  std::size_t size, sample_size;
};

namespace detail {

template <class T>
struct arithmetic_in {
  using type = arithmetic<T>;
};
template <class F>
struct arithmetic_in<mixed<F>> {
  using type = F;
};

}  // namespace detail

/// Where the arrays are and who does arithmetic on them.
///
/// Required   `combine(c, noise)`  every linear thing any sampler will ever do; noise.fill is asked for float or double
/// Optional   `measure(e)`         an error_measure as a double: adaptive control needs it. cpu and reference also have
///            `measure(m, out)`    a moment_measure into a span of lane_moments, a dot_measure into a span of doubles
///            `try_reserve(bytes)`, `prepare<T>(plan)`, `copy(to, from, bytes)`  where arrays are that only the backend
///            reaches, see docs/concepts/backend.md
/// Semantics  all inputs of an element are read before any output of that element is written; no allocation;
///            measures add up in the order that backend/tree.hpp defines, so that all backends give the same bits
/// Models     reference, cpu, cuda (backend/cuda.cuh)
template <class B, class T, class Noise>
concept backend = requires(B& b, const combination<T>& c, const Noise& n) { b.template combine<T>(c, n); };

}  // namespace diffode
