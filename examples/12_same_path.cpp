// SPDX-License-Identifier: MIT
//
// How do I change the number of steps of a stochastic method without changing the image?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

namespace {

namespace dd = diffode;

template <class Noise>
std::vector<float> drawn(int steps, const Noise& noise) {
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-2, .count = steps});
  std::vector<float> x(512);
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42});
  dd::sample(dd::sde_dpmpp{}, grid, dd::eps(gaussian::eps), x, {}, noise);
  return x;
}

double apart(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace

int main() {
  // Noise of one path: 40 steps see more of it than 20, and what 20 see is the same.
  const double path = apart(drawn(20, dd::brownian{.seed = 7}), drawn(40, dd::brownian{.seed = 7}));
  // Noise drawn step by step: other steps, another image.
  const double fresh = apart(drawn(20, dd::philox{.seed = 7}), drawn(40, dd::philox{.seed = 7}));
  std::printf("20 and 40 steps differ by %.3f on one path, by %.3f with noise drawn anew\n", path, fresh);
  return path < fresh / 3 ? 0 : 1;
}
