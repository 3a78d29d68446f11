// SPDX-License-Identifier: MIT
#pragma once

#include "subject.hpp"

#include <diffode/diffode.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace diffode_tune {

/// The fixed methods that tuned plans have to beat.
using fixed_method = std::variant<dd::ddim, dd::dpmpp_2m, dd::dpmpp_3m, dd::unipc, dd::deis, dd::ipndm>;

inline std::vector<std::pair<std::string, fixed_method>> fixed_methods() {
  return {{"DDIM", dd::ddim{}},       {"DPM-Solver++ 2M", dd::dpmpp_2m{}}, {"DPM-Solver++ 3M", dd::dpmpp_3m{}},
          {"UniPC-3", dd::unipc{.p = 3}}, {"DEIS-3", dd::deis{.q = 3}},   {"iPNDM", dd::ipndm{}}};
}

/// The grids that everybody has: each method is shown on the one that suits it best.
inline std::vector<std::pair<std::string, dd::grid>> standard_grids(const span_of_levels& on, int steps) {
  const dd::time_steps ends{.from = on.from, .to = on.to, .count = steps};
  const dd::grid lambda = dd::uniform_lambda(on.path, ends);
  // Of sigma/alpha^(1/7) equidistant, as karras, but between these ends exactly.
  std::vector<dd::level<>> levels{lambda.front()};
  const double high = std::exp(-lambda.front().lambda / 7), low = std::exp(-lambda.back().lambda / 7);
  for (int i = 1; i < steps; ++i) levels.push_back(on.path.at_lambda(-7 * std::log(high + (low - high) * i / steps)));
  levels.push_back(lambda.back());
  return {{"uniform in lambda", lambda},
          {"uniform in time", dd::uniform_time(on.path, ends)},
          {"quadratic in time", dd::quadratic(on.path, ends)},
          {"rho 7", dd::from_levels(on.path, levels)}};
}

}  // namespace diffode_tune
