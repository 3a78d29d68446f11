// SPDX-License-Identifier: MIT
// A denoiser of doubles for a state of floats.
// expect: the denoiser must be callable as net\(x, at, out\)
#include "diffode/diffode.hpp"

#include <vector>

int main() {
  std::vector<float> x(4);
  const auto net = [](std::span<const double>, const diffode::level<>&, std::span<double>) {};
  diffode::sample(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0(net), x);
}
