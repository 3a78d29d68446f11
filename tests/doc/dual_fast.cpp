// SPDX-License-Identifier: MIT
//
// docs/dual_fast.md: a step led away from an earlier noise prediction.
#include "../../examples/gaussian.hpp"

#include <diffode/diffode.hpp>

#include <vector>

namespace dd = diffode;

int main() {
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  std::vector<float> x(16 * 1024);
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42});
  std::vector<float> y = x;

  dd::sample(dd::dual_fast<dd::ddim>{.strength = dd::dual_strength::constant(0.5)}, grid, dd::eps(gaussian::eps), x);
  const dd::dual_fast<dd::dpmpp_2m> a_little{.inner = {.ends = dd::ramp::lowered()}, .strength = dd::dual_strength::constant(0.1)};
  dd::sample(a_little, grid, dd::eps(gaussian::eps), y);

  return gaussian::looks_right(x) && gaussian::looks_right(y) ? 0 : 1;
}
