// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/table.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/schedule/edm.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace diffode_test {

/// A kind of noise path, and between which of its times the suite runs.
struct family {
  std::string name;
  diffode::noise_path path;
  double from, to;

  /// Levels equidistant in lambda.
  diffode::grid uniform(int steps) const { return diffode::uniform_lambda(path, {.from = from, .to = to, .count = steps}); }

  /// The same, ending at sigma = 0.
  diffode::grid uniform_to_zero(int steps) const {
    return diffode::uniform_lambda(path, {.from = from, .to = to, .count = steps, .end = diffode::ending::zero});
  }

  /// `steps` equal steps h in lambda, after a start of steps that double from about h^3 to h.
  ///
  /// A multistep method begins with one step of order 1, whose error of size h^2 no later step takes back: on a uniform
  /// grid every such method converges with order 2 in the end. With first steps of h^3, 2h^3, 4h^3, ... the errors of the
  /// low-order steps are (h^3)^2 = h^6 and less, below what a method of order 5 does anyway, and what is measured is
  /// the method itself. The shape of the start is the same at every h, so it does not disturb the slope.
  diffode::grid graded(int steps) const {
    const diffode::level<> first = path.at(from), last = path.at(to);
    const double range = last.lambda - first.lambda, about = range / steps;
    const int doublings = about < 1 ? static_cast<int>(std::ceil(-2 * std::log2(about))) : 0;
    const double smallest = std::ldexp(1.0, -doublings);  // in units of h; the start is 1 - smallest long
    const double h = range / (steps + 1 - smallest);
    std::vector<diffode::level<>> levels{first};
    for (int k = 1; k <= doublings; ++k) levels.push_back(path.at_lambda(first.lambda + h * (std::ldexp(smallest, k) - smallest)));
    for (int k = 1; k < steps; ++k) levels.push_back(path.at_lambda(last.lambda - h * (steps - k)));
    levels.push_back(last);
    return diffode::from_levels(path, levels);
  }
};

/// Variance preserving, variance exploding, and the straight path.
inline std::vector<family> families() {
  return {{"VP", diffode::vp_linear{}, 0.8, 0.02}, {"VE", diffode::edm{}, 20, 0.05}, {"flow", diffode::flow{}, 0.95, 0.05}};
}

}  // namespace diffode_test
