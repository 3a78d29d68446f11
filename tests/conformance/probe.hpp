// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/runs.hpp"
#include "conformance/subject.hpp"
#include "reference/loop.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace diffode_test {

/// With its model's outputs frozen, a run is linear in the start and in the outputs: y = a x + sum_k b_k F_k. One run
/// on unit vectors reads off all coefficients: element 0 starts from 1, element k + 1 is fed 1 in evaluation k.
inline std::vector<double> probe(diffode::plan made) {
  std::vector<double> x(static_cast<std::size_t>(made.calls()) + 1);
  x[0] = 1;
  return run(std::move(made), x, [](const diffode::request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = i == static_cast<std::size_t>(call.index) + 1;
  });
}

/// The prediction that a loop works with, from what the model returned: by definition, not by the library.
inline double converted(told what, diffode::prediction wanted, double x, double F, const diffode::level<>& l) {
  double x0 = 0;
  const double norm = l.alpha * l.alpha + l.sigma * l.sigma;
  switch (what) {
    case told::x0: x0 = F; break;
    case told::eps: x0 = (x - l.sigma * F) / l.alpha; break;
    case told::score: x0 = (x + l.sigma * l.sigma * F) / l.alpha; break;
    case told::v: x0 = (l.alpha * x - l.sigma * std::sqrt(norm) * F) / norm; break;
    case told::flow: x0 = (x - l.sigma * F) / (l.alpha + l.sigma); break;
  }
  if (wanted == diffode::prediction::x0) return x0;
  switch (what) {
    case told::eps: return F;
    case told::score: return -l.sigma * F;
    default: return (x - l.alpha * x0) / l.sigma;
  }
}

/// The same coefficients of a loop, one run for each.
inline std::vector<double> probe(const diffode_reference::loop& loop, diffode_reference::levels levels, told what,
                                 diffode::prediction wanted, std::size_t calls) {
  std::vector<double> all;
  for (std::size_t element = 0; element <= calls; ++element) {
    std::size_t call = 0;
    all.push_back(loop(levels, element == 0 ? 1 : 0, [&](double x, const diffode::level<>& at) {
      return converted(what, wanted, x, ++call == element ? 1 : 0, at);
    }));
  }
  return all;
}

}  // namespace diffode_test
