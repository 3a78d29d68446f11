// SPDX-License-Identifier: MIT
#include "diffode/run/start.hpp"

#include "catch.hpp"
#include "diffode/adapter/span.hpp"

#include <cmath>
#include <vector>

namespace dd = diffode;

TEST_CASE("a start is unit noise of its own stream times sigma") {
  std::vector<double> x(6);
  const dd::philox noise{.seed = 9};
  dd::fill_with_noise(x, {.alpha = 0.3, .sigma = 4}, noise, 2);
  for (std::uint32_t sample = 0; sample < 2; ++sample)
    for (std::uint32_t e = 0; e < 3; ++e) CHECK(x[sample * 3 + e] == 4 * noise.normal(sample, dd::start_stream, e));
  CHECK(dd::start_stream == 0xFFFFFFFFu);
}

TEST_CASE("sample k of a start is the same in every batch") {
  std::vector<float> batch(12), one(4);
  dd::fill_with_noise(batch, {.sigma = 1}, dd::philox{.seed = 9}, 3);
  for (std::uint32_t k = 0; k < 3; ++k) {
    dd::fill_with_noise(one, {.sigma = 1}, dd::philox{.seed = 9, .first_sample = k});
    CHECK(one == std::vector<float>(batch.begin() + 4 * k, batch.begin() + 4 * k + 4));
  }
}

TEST_CASE("a start at the pure-noise end has the deviation of the level") {
  std::vector<double> x(40000);
  dd::fill_with_noise(x, {.sigma = 80}, dd::philox{.seed = 1});
  double square = 0;
  for (const double v : x) square += v * v;
  // Relative deviation of a variance of 40000 normals: sqrt(2/40000) = 0.7 %; 5 of them, a false alarm in 2e6 seeds.
  CHECK(std::abs(square / 40000 / 6400 - 1) < 5 * std::sqrt(2.0 / 40000));
}

TEST_CASE("a start from an image is alpha times the image plus sigma times the noise") {
  std::vector<double> x{1, -2, 0.5}, image{10, 20, 30};
  dd::noise_image(x, image, {.alpha = 0.5, .sigma = 2});
  CHECK(x == std::vector<double>{7, 6, 16});
}
