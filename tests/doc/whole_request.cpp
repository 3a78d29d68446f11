// SPDX-License-Identifier: MIT
//
// docs/concepts/denoiser.md: a denoiser that takes the whole request.
#include "../../examples/gaussian.hpp"

#include <diffode/diffode.hpp>

#include <vector>

namespace dd = diffode;

int main() {
  int passes = 0, both = 0;
  // One call of the network for all outputs that are wanted; outs[k] is empty where output k is not.
  const auto network = [&](const dd::request<float>& call, std::span<const std::span<float>> outs) {
    ++passes;
    both += call.wants(0) && call.wants(1);
    for (const std::span<float> out : outs)
      if (!out.empty()) gaussian::eps(call.x, call.at, out);
  };

  dd::guidance mix = dd::classifier_free(3);
  mix.from_lambda = -2, mix.to_lambda = 2;
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  std::vector<float> x(16 * 1024);
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42});
  dd::sample(dd::dpmpp_2m{}, grid, dd::guided(dd::eps(network), mix), x);
  return passes == 20 && both > 0 && both < 20 && gaussian::looks_right(x) ? 0 : 1;
}
