// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/adapter/span.hpp"
#include "diffode/run/start.hpp"

#include <array>
#include <vector>

// noise_image takes its image as const and did not compile for any array of the standard library.
TEST_CASE("an image to start from may be const") {
  const std::vector<float> image{1, -1, 2};
  const diffode::level<> at{.alpha = 0.5, .sigma = 2};
  std::vector<float> x{0.25f, 0, -1};
  diffode::noise_image(x, image, at);
  CHECK(x == std::vector<float>{1, -0.5f, -1});
  const std::array<double, 3> other{2, 2, 2};
  diffode::noise_image(x, other, at);
  CHECK(x == std::vector<float>{3, 0, -1});
}
