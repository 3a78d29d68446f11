// SPDX-License-Identifier: MIT
#pragma once

// One-dimensional data from two normals: the probability flow keeps quantiles, so the exact end of a run is known.

#include "conformance/runs.hpp"
#include "diffode/grid/grid.hpp"
#include "diffode/run/compile.hpp"
#include "diffode/model/parameterisation.hpp"
#include "method/exact_statistics.hpp"

#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace diffode_test {

/// The data of most figures of the specification.
inline const mixture& gmm_a() {
  static const mixture both = two_normals({0.3, -1, 0.2}, {0.7, 0.5, 0.3});
  return both;
}

/// The state below which a share u of the data's states at this level lies.
inline double quantile(const mixture& data, double u, const diffode::level<>& at) {
  double low = -20, high = 20;
  while (high - low > 1e-15) {
    const double x = (low + high) / 2;
    double below = 0;
    for (const mixture::part& p : data.parts)
      below += p.weight * std::erfc((at.alpha * p.mean - x) / (std::sqrt(2) * std::hypot(at.alpha * p.deviation, at.sigma))) / 2;
    if (x == low || x == high) break;
    (below < u ? low : high) = x;
  }
  return low;
}

/// What a model of these tests says in place of the true noise at this level.
using told_noise = std::function<double(double eps, const diffode::level<>& at)>;

/// Root mean square error over 400 quantiles of a run along this grid.
template <class M>
double quantile_error(const M& how, const mixture& data, const diffode::grid& g, const told_noise& told = [](double eps, const diffode::level<>&) { return eps; }) {
  std::vector<double> x, wanted;
  for (int i = 0; i < 400; ++i) {
    x.push_back(quantile(data, (i + 0.5) / 400, g.front()));
    wanted.push_back(quantile(data, (i + 0.5) / 400, g.back()));
  }
  const std::vector<double> y = run(diffode::compile(how, g, diffode::eps_model{}), x,
                                    answer_to<double>([&](const diffode::request<double>& call, std::span<double> out) {
                                      for (std::size_t i = 0; i < out.size(); ++i) out[i] = told(data.at(call.x[i], call.at).eps, call.at);
                                    }));
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += (y[i] - wanted[i]) * (y[i] - wanted[i]);
  return std::sqrt(sum / static_cast<double>(y.size()));
}

}  // namespace diffode_test
