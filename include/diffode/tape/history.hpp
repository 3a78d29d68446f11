// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/interpolation.hpp"
#include "diffode/core/ramp.hpp"
#include "diffode/tape/recorder.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace diffode {

/// The evaluations that a multistep formula interpolates, newest first, and how far back they lie in the variable of the
/// interpolation: lambda unless another is named.
template <coefficient R>
struct history {
  int count = 0;
  std::array<value, max_nodes> m{};
  node_weights<R> d{};  ///< d[0] = 0, d[k] = the variable at node 0 minus that at node k

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

/// The variable of exponential integrators.
struct in_lambda {
  template <coefficient R>
  R operator()(const level<R>& at) const {
    return at.lambda;
  }
};

/// The evaluation m at level s and what `r` remembers before it from entry `skip` on, `most` nodes at most.
///
/// variable  the coordinate of the interpolation as a function of the level: lambda, rho, sigma, time, ...
///
/// Ends early where formulas would divide by nothing: at a level where the variable is infinite (lambda where alpha = 0 or
/// sigma = 0; the weight of such a node has the limit 0) and at a repeated level (the older evaluation is worth no more).
template <coefficient R, class Variable = in_lambda>
history<R> history_of(const recorder<R>& r, value m, const level<R>& s, int most, std::size_t skip = 0, const Variable& variable = {}) {
  history<R> nodes;
  nodes.m[0] = m;
  nodes.count = 1;
  const R here = variable(s);
  if (!detail::finite(here)) return nodes;
  for (std::size_t k = 1; static_cast<int>(k) < most && skip + k <= r.depth(); ++k) {
    const memory<R>& old = r.past(skip + k - 1);
    nodes.d[k] = here - variable(old.at);
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

/// As `ramp::order`, and order 1 where the step starts or ends at an infinite lambda: there the exact solution for a
/// constant prediction is the only one of these formulas that has a limit.
template <coefficient R>
int order_of(const ramp& ends, int most, const recorder<R>& r, const level<R>& s, const level<R>& t) {
  return detail::finite(s.lambda) && detail::finite(t.lambda) ? ends.order(most, r.position()) : 1;
}

}  // namespace diffode
