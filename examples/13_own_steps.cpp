// SPDX-License-Identifier: MIT
//
// How do I find the best few steps for my own model?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>
#include <diffode/search/gits_search.hpp>

#include <cstdio>
#include <vector>

int main() {
  namespace dd = diffode;

  // One fine run of a few samples prices every long step; dynamic programming picks the cheapest six.
  const dd::grid fine = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-2, .count = 60});
  std::vector<float> x(32 * 64);
  dd::fill_with_noise(x, fine.front(), dd::philox{.seed = 42}, 32);
  const dd::grid six = dd::gits_search(dd::dpmpp_2m{}, fine, dd::eps(gaussian::eps), x, {.steps = 6}, {.batch = 32});

  std::printf("label of each of the six steps:");
  for (std::size_t i = 0; i < six.steps(); ++i) std::printf(" %.3f", six[i].label);
  std::printf("\n");
  return six.steps() == 6 && six.back().t == fine.back().t ? 0 : 1;
}
