// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/request.hpp"

#include <concepts>
#include <span>

namespace diffode {

/// A function that evaluates the model. X and Out are views shaped like the user's array: spans, Eigen maps, ...
///
/// One of     net(x, at, out)          one output; `at.label` is what to tell the model
///            net(x, at, out, which)   called once for each output that is wanted (guidance)
///            net(x, levels, out)      levels: one per lane
///            net(call, outs)          everything at once: the request<T>, and one span per output, empty if not wanted
/// Semantics  writes all of `out`; keeps no pointer
template <class Net, class X, class Out>
concept one_output = std::invocable<Net&, X, const level<>&, Out>;
template <class Net, class X, class Out>
concept numbered_output = std::invocable<Net&, X, const level<>&, Out, int>;
template <class Net, class X, class Out>
concept lane_levels = std::invocable<Net&, X, std::span<const level<>>, Out>;
template <class Net, class T>
concept whole_request = std::invocable<Net&, const request<T>&, std::span<const std::span<T>>>;

template <class Net, class T, class X, class Out>
concept denoiser = one_output<Net, X, Out> || numbered_output<Net, X, Out> || lane_levels<Net, X, Out> || whole_request<Net, T>;

}  // namespace diffode
