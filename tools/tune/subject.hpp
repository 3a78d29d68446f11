// SPDX-License-Identifier: MIT
#pragma once

#include "study.hpp"

#include <diffode/diffode.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// The models that plans are tuned to here. A model of your own takes the place of these two classes.
namespace diffode_tune {

namespace dd = diffode;

/// A network of examples/digits: image k is of digit k % 10.
class digits_call {
 public:
  explicit digits_call(const digits::network& net) : net_(&net) {}
  void operator()(const dd::request<float>& call, std::span<const std::span<float>> outs) const {
    digits::denoiser(*net_, call.x.size() / digits::image_size)(call, outs);
  }

 private:
  const digits::network* net_;
};

/// Data of two normals in one dimension, the same for every number of a sample: 0.3 N(-1, 0.2^2) + 0.7 N(0.5, 0.3^2), and its
/// exact noise prediction.
struct mixture_call {
  void operator()(std::span<const double> x, const dd::level<>& at, std::span<double> out) const {
    constexpr double weight[] = {0.3, 0.7}, mean[] = {-1, 0.5}, deviation[] = {0.2, 0.3};
    for (std::size_t i = 0; i < x.size(); ++i) {
      double variance[2], power[2];
      for (std::size_t k = 0; k < 2; ++k) {
        variance[k] = at.alpha * at.alpha * deviation[k] * deviation[k] + at.sigma * at.sigma;
        const double off = x[i] - at.alpha * mean[k];
        power[k] = std::log(weight[k]) - 0.5 * (std::log(variance[k]) + off * off / variance[k]);
      }
      const double first = 1 / (1 + std::exp(power[1] - power[0])), share[] = {first, 1 - first};
      out[i] = 0;
      for (std::size_t k = 0; k < 2; ++k) out[i] += share[k] * at.sigma * (x[i] - at.alpha * mean[k]) / variance[k];
    }
  }
};

/// The levels between which all runs go. Without the ends, where lambda is infinite: what a grid does there would hide what a method
/// does.
struct span_of_levels {
  dd::noise_path path;
  double from = 0.99, to = 0.01;
};

/// `count` start states, the same for the same seed.
template <class T>
std::vector<T> starts(const dd::level<>& at, std::size_t count, std::size_t size, std::uint64_t seed) {
  std::vector<T> x(count * size);
  dd::fill_with_noise(x, at, dd::philox{.seed = seed}, count);
  return x;
}

}  // namespace diffode_tune
