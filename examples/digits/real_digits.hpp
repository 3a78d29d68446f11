// SPDX-License-Identifier: MIT
#pragma once

#include "safetensors.hpp"

#include <filesystem>
#include <vector>

namespace digits {

/// Images with the digit that each shows.
struct labelled_images {
  std::vector<float> images;  ///< 64 per image, row by row, in [-1, 1], ink is +1: what the networks see
  std::vector<int> labels;    ///< 0..9, one per image
};

/// Reads the real digits that the networks have not been trained on (data/held_out.safetensors).
inline labelled_images load_real_digits(const std::filesystem::path& path) {
  const tensor_file file = tensor_file::load(path);
  const tensor& labels = file.at_rank("labels", 1);
  labelled_images result{.images = file.at("images", {labels.shape[0], 64}).values,
                         .labels = {labels.values.begin(), labels.values.end()}};
  for (float& grey : result.images) grey = grey / 8.0f - 1.0f;  // stored as grey levels 0..16
  return result;
}

}  // namespace digits
