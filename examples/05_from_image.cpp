// SPDX-License-Identifier: MIT
//
// How do I start from an image instead of from noise?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  namespace dd = diffode;

  const dd::grid whole = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  const dd::grid rest = dd::from_step(whole, 12);  // the last 8 of its 20 steps
  const std::vector<float> image(1024, 1.5f);
  std::vector<float> x(image.size());
  dd::philox{.seed = 42}.fill(0, dd::start_stream, 0, std::span<float>(x));
  dd::noise_image(x, image, rest.front());
  dd::sample(dd::dpmpp_2m{}, rest, dd::eps(gaussian::eps), x);

  double mean = 0;
  for (const float v : x) mean += static_cast<double>(v) / static_cast<double>(x.size());
  std::printf("an image of 1.50 everywhere came back with mean %.2f: nearer to the data, whose mean is %.2f\n", mean, gaussian::mean);
  return mean < 1.5 && mean > gaussian::mean ? 0 : 1;
}
