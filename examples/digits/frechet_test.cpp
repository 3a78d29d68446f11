// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "frechet.hpp"

#include <filesystem>
#include <span>
#include <vector>

TEST_CASE("the real digits are at distance zero from themselves, and halves of them nearer to each other than to noise") {
  const digits::labelled_images real = digits::load_real_digits(std::filesystem::path(DIFFODE_DIGITS_DATA) / "held_out.safetensors");
  const std::span<const float> images(real.images);
  const diffode::frechet_distance distance = digits::frechet_to(real);
  CHECK(distance.share() > 0.8);
  CHECK(distance(images) < 1e-9);
  // 64 pixels, some of them constant: a covariance without full rank.
  CHECK(diffode::frechet_distance::to_data(images, digits::image_size)(images) < 1e-7);
  const std::size_t half = 250 * digits::image_size;
  const auto first = diffode::frechet_distance::to_data(images.first(half), digits::image_size, digits::frechet_axes);
  const std::vector<float> blank(half, -1.0f);
  CHECK(first(images.last(half)) < 0.1 * first(std::span<const float>(blank)));
}
