// SPDX-License-Identifier: MIT
#pragma once

#include "network.hpp"
#include "real_digits.hpp"

#include <diffode/search/frechet_distance.hpp>

#include <span>

namespace digits {

/// So many of the principal axes of the real digits: few images give a poor covariance of 64 pixels, but a fair one of these.
inline constexpr std::size_t frechet_axes = 16;

/// Squared Frechet distance to real digits, along their principal axes.
inline diffode::frechet_distance frechet_to(const labelled_images& real) {
  return diffode::frechet_distance::to_data(std::span<const float>(real.images), image_size, frechet_axes);
}

}  // namespace digits
