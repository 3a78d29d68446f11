// SPDX-License-Identifier: MIT
#pragma once

// One small run to differentiate: three numbers of the mixture on VP levels, and a linear loss.

#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "run/products.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace diffode_test {

inline diffode::grid steps(int count) { return diffode::uniform_lambda(diffode::vp_linear{}, {.from = 0.9, .to = 0.05, .count = count}); }

inline constexpr auto net = [](std::span<const double> x, const diffode::level<>& at, std::span<double> out) {
  mixture{}.at(x, at, [&](std::size_t i, const truth& t) { out[i] = t.eps; });
};
inline constexpr auto vjp = [](std::span<const double> x, const diffode::level<>& at, std::span<const double> v, std::span<double> out) { eps_product({}, x, at, v, out); };
inline constexpr auto loss = [](std::span<const double> x, std::span<double> dx) {
  for (std::size_t i = 0; i < x.size(); ++i) dx[i] = loss_weight(i);
};
inline const std::vector<double> start{0.3, -0.9, 1.4};

inline std::string why(const diffode::fault& f) { return f ? f->what() : "nothing"; }

}  // namespace diffode_test
