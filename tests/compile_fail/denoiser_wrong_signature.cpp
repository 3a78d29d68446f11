// SPDX-License-Identifier: MIT
// expect: error: static(_assert| assertion) failed.*the denoiser must be callable as net\(x, at, out\), net\(x, at, out, which\), net\(x, levels, out\) or net\(call, outs\); see concept/denoiser\.hpp
#include "diffode/diffode.hpp"

#include <vector>

int main() {
  std::vector<float> x(4);
  const auto net = [](std::span<const float>, double) {};
  diffode::sample(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0(net), x);
}
