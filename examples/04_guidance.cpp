// SPDX-License-Identifier: MIT
//
// How do I guide a model with two outputs, and stop paying for the second one where it does not help?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  namespace dd = diffode;

  int conditional = 0, unconditional = 0;
  const auto network = [&](std::span<const float> x, const dd::level<>& at, std::span<float> out, int which) {
    ++(which == 0 ? conditional : unconditional);
    gaussian::eps(x, at, out);
  };

  dd::guidance mix = dd::classifier_free(3);
  mix.from_lambda = -2, mix.to_lambda = 2;  // outside, output 1 is not asked for
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  std::vector<float> x(16 * 1024);
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42});
  dd::sample(dd::dpmpp_2m{}, grid, dd::guided(dd::eps(network), mix), x);

  std::printf("%d conditional evaluations, %d unconditional\n", conditional, unconditional);
  return conditional == 20 && unconditional < 10 && gaussian::looks_right(x) ? 0 : 1;
}
