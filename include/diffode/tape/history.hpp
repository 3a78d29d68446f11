// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/interpolation.hpp"
#include "diffode/tape/recorder.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace diffode {

/// The evaluations that a multistep formula interpolates, newest first, and how far back in lambda they lie.
template <coefficient R>
struct history {
  int count = 0;
  std::array<value, max_nodes> m{};
  node_weights<R> d{};  ///< d[0] = 0, d[k] = lambda of node 0 minus lambda of node k

  std::span<const R> offsets() const { return {d.data(), static_cast<std::size_t>(count)}; }
};

namespace detail {

template <coefficient R>
bool finite(const R& a) {
  return every([](double v) { return std::isfinite(v); }, a);
}
template <coefficient R>
bool nowhere_zero(const R& a) {
  return every([](double v) { return v != 0; }, a);
}

}  // namespace detail

/// The evaluation m at level s and what `r` remembers before it from entry `skip` on, `most` nodes at most.
///
/// Ends early where formulas would divide by nothing: at a level with infinite lambda (alpha = 0 or sigma = 0; the
/// weight of such a node has the limit 0) and at a repeated level (the older evaluation is worth no more).
template <coefficient R>
history<R> history_of(const recorder<R>& r, value m, const level<R>& s, int most, std::size_t skip = 0) {
  history<R> nodes;
  nodes.m[0] = m;
  nodes.count = 1;
  if (!detail::finite(s.lambda)) return nodes;
  for (std::size_t k = 1; static_cast<int>(k) < most && skip + k <= r.depth(); ++k) {
    const memory<R>& old = r.past(skip + k - 1);
    nodes.d[k] = s.lambda - old.at.lambda;
    if (!detail::finite(nodes.d[k]) || !detail::nowhere_zero(R(nodes.d[k] - nodes.d[k - 1]))) break;
    nodes.m[k] = old.m;
    nodes.count = static_cast<int>(k) + 1;
  }
  return nodes;
}

/// carry*x + gain*sum_j w_j m_j.
template <coefficient R>
value weighted(recorder<R>& r, const term<R>& x, const R& gain, const node_weights<R>& w, const history<R>& nodes) {
  std::array<term<R>, max_nodes + 1> terms{};
  terms[0] = x;
  const std::size_t n = static_cast<std::size_t>(nodes.count);
  for (std::size_t j = 0; j < n; ++j) terms[j + 1] = {nodes.m[j], gain * w[j]};
  return r.sum(std::span<const term<R>>(terms.data(), n + 1));
}

}  // namespace diffode
