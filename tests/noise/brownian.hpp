// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/noise/brownian.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace diffode_test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

inline diffode::brownian bound(diffode::brownian noise, std::vector<diffode::noise_interval> over, std::size_t sample_size = 1, diffode::lane_map lanes = {}) {
  diffode::raise(noise.bind({over, lanes, sample_size}));
  return noise;
}

template <class T = double>
std::vector<T> draw(const diffode::brownian& noise, std::uint32_t sample, std::uint32_t stream, std::size_t count,
                    std::uint64_t first = 0) {
  std::vector<T> v(count);
  noise.fill<T>(sample, stream, first, v);
  return v;
}

/// Unit increments of one interval, for elements 0, 1, ... of sample 0.
inline std::vector<double> unit(std::uint64_t seed, diffode::noise_interval over, std::size_t count) {
  return draw(bound({.seed = seed}, {over}, count), 0, 0, count);
}

inline std::string refusal(std::vector<diffode::noise_interval> over, diffode::lane_map lanes = {}, std::size_t sample_size = 4) {
  diffode::brownian noise;
  const diffode::fault f = noise.bind({over, lanes, sample_size});
  return f ? f->what() : "";
}

inline double mean_of_products(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(a.size());
}

template <class Bits, class T>
std::uint64_t hash(const std::vector<T>& v) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const T x : v) h = (h ^ std::bit_cast<Bits>(x)) * 0x100000001b3;
  return h;
}

/// Numbers spread over [-1, 1), for intervals that no one has thought of.
inline double spread(std::uint32_t i) { return diffode::philox4x32({i, 0, 0, 0}, {3, 0})[0] * 0x1p-31 - 1; }

}  // namespace diffode_test
