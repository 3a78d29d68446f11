// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/level.hpp"

#include <concepts>
#include <cstddef>
#include <span>

namespace diffode {

/// Where in a run a filter is applied.
struct filter_call {
  std::span<const level<>> levels;  ///< one level, or one for each lane
  std::size_t sample_size;          ///< elements of one sample; the state holds whole samples one after another
};

/// A non-linear map on the predicted x0: thresholding, clipping, a projection.
///
/// Required   `f(in, out, where)`  in and out hold the whole state; out may be in
/// Semantics  samples are independent of each other, or batches stop being the sum of their samples
/// Optional   `check()`           nothing, or why its own numbers are wrong
///            `vjp(in, cotangent, out, where)`  out = cotangent^T df/din; out may be cotangent. For gradients of a run (adjoint_sampler)
/// Cost       per evaluation the filter's own pass, one more combine and one stored prediction; the printed plan shows it
/// Models     clip, dynamic_threshold
template <class F, class T>
concept filter = requires(F& f, std::span<const T> in, std::span<T> out, const filter_call& where) { f(in, out, where); };

}  // namespace diffode
