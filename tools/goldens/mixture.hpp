// SPDX-License-Identifier: MIT
#pragma once

#include "fields.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace goldens {

/// What a model returns.
enum class answer { epsilon, x0, v, flow };

answer read_answer(fields& from, std::string_view key);

/// Data from a mixture of isotropic Gaussians, whose exact denoiser stands in for a network.
class mixture {
 public:
  explicit mixture(fields from);

  std::size_t dimension() const { return dimension_; }
  /// The model's answer for states x at noise level (alpha, sigma), sample by sample.
  void operator()(answer what, double alpha, double sigma, std::span<const double> x, std::span<double> out) const;

 private:
  void one(answer what, double alpha, double sigma, std::span<const double> x, std::span<double> out) const;

  std::size_t dimension_;
  std::vector<double> weights_, variances_;
  samples means_;
};

}  // namespace goldens
