// SPDX-License-Identifier: MIT
//
// How do I draw a sample when I can call my model as a function?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cstdio>
#include <vector>

int main() {
  namespace dd = diffode;

  const dd::vp_linear path{.beta0 = 0.1, .beta1 = 20};
  const dd::grid grid = dd::uniform_lambda(path, {.from = 1.0, .to = 1e-3, .count = 20});

  // Your network: reads x, is told at.label, writes the noise it sees.
  const auto network = [](std::span<const float> x, const dd::level<>& at, std::span<float> out) {
    gaussian::eps(x, at, out);
  };

  std::vector<float> x(16 * 1024);                                       // 16 samples, your memory
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42}, 16);
  dd::sample(dd::dpmpp_2m{}, grid, dd::eps(network), x, {.batch = 16});  // noise in, samples out

  std::printf("20 evaluations; the samples look %s\n", gaussian::looks_right(x) ? "right" : "wrong");
  return gaussian::looks_right(x) ? 0 : 1;
}
