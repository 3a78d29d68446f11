// SPDX-License-Identifier: MIT
//
// How do I use my model's own noise schedule? Five members, nothing to derive from.

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

namespace {

/// alpha = cos t, sigma = sin t, the path of consistency models in trigonometric form.
struct trigonometric {
  static constexpr std::string_view name = "trigonometric";
  diffode::level<> at(double t) const { return {t, std::cos(t), std::sin(t), -std::log(std::tan(t)), t}; }
  diffode::level<> at_lambda(double lambda) const {
    const double t = std::atan(std::exp(-lambda));
    return {t, std::cos(t), std::sin(t), lambda, t};
  }
  diffode::time_range range() const { return {0, std::numbers::pi / 2}; }
  diffode::fault check() const { return {}; }
};

}  // namespace

int main() {
  namespace dd = diffode;

  const dd::grid grid = dd::uniform_time(trigonometric{}, {.from = 1.57, .to = 0.01, .count = 40});
  std::vector<float> x(16 * 1024);
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42});
  dd::sample(dd::heun{}, grid, dd::eps(gaussian::eps), x);

  std::printf("the samples look %s\n", gaussian::looks_right(x) ? "right" : "wrong");
  return gaussian::looks_right(x) ? 0 : 1;
}
