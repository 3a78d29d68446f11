// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/cpu.hpp"
#include "diffode/noise/philox.hpp"

#include <cstddef>
#include <span>
#include <thread>
#include <vector>

namespace diffode_test {

/// Three arrays to be measured, their elements so many bytes past the start of a cache line.
template <class T>
struct measured_arrays {
  std::size_t size, shift;
  std::vector<std::byte> memory;

  explicit measured_arrays(std::size_t n, std::size_t elements_off = 0, double mean = 0) : size(n), shift(elements_off), memory(3 * pitch() + 64) {
    std::vector<double> z(3 * n);
    diffode::philox{.seed = n}.fill(0, 0, 0, std::span<double>(z));
    for (std::size_t k = 0; k < 3; ++k)
      for (std::size_t i = 0; i < n; ++i) (*this)[k][i] = T(z[k * n + i] + mean);
  }
  T* operator[](std::size_t k) {
    std::byte* const base = memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64);
    return reinterpret_cast<T*>(base + k * pitch()) + shift;
  }

  /// Every kind of measure, of samples of size / samples elements.
  std::vector<double> on(const auto& backend, std::size_t samples) {
    namespace dd = diffode;
    const std::size_t each = size / samples;
    std::vector<double> all(samples);
    backend.measure(dd::dot_measure<T>{(*this)[0], (*this)[1], size, each}, all);
    for (const bool whole : {true, false})
      all.push_back(backend.measure(dd::error_measure<T>{(*this)[0], (*this)[1], (*this)[2], size, each, 1e-3, 1e-2, whole}));
    for (const dd::lane_map lanes : {dd::lane_map{}, {each, samples}, {1, size}, {1, each}}) {
      std::vector<dd::lane_moments> m(lanes.count);
      backend.measure(dd::moment_measure<T>{(*this)[2], size, lanes}, m);
      for (const dd::lane_moments& one : m) all.insert(all.end(), {one.count, one.mean, one.squares});
    }
    return all;
  }

 private:
  std::size_t pitch() const { return ((size + shift) * sizeof(T) + 127) / 64 * 64; }
};

/// An executor that starts a thread for every other part, and does the rest itself, last ones first.
struct disorderly {
  std::size_t count;
  std::size_t threads() const { return count; }
  template <class F>
  void run(std::size_t parts, F&& f) const {
    std::vector<std::thread> started;
    for (std::size_t k = parts; k-- > 0;)
      if (k % 2 == 0) started.emplace_back([&f, k] { f(k); });
      else f(k);
    for (std::thread& t : started) t.join();
  }
};
static_assert(diffode::executor<disorderly>);

}  // namespace diffode_test
