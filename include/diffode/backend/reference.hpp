// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/measure.hpp"
#include "diffode/backend/measure_leaf.hpp"
#include "diffode/concept/backend.hpp"
#include "diffode/detail/memory.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace diffode {

/// The definition of a combine, element by element in double. The truth that tests hold other backends to; slow.
struct reference {
  template <class T, class Noise>
  void combine(const combination<T>& c, const Noise& noise) const {
    double in[most_inputs];
    const std::size_t terms = c.in.size(), rows = c.out.size();
    for (std::size_t i = 0; i < c.size; ++i) {
      for (std::size_t k = 0; k < terms; ++k) in[k] = read<typename detail::arithmetic_in<T>::type>(c.in[k], i, c.sample_size, noise);
      const std::size_t lane = c.lanes(i);
      for (std::size_t r = 0; r < rows; ++r) {
        double sum = 0;
        for (std::size_t k = 0; k < terms; ++k) sum += c.coefficients[(r * terms + k) * c.lanes.count + lane] * in[k];
        detail::put(c.out[r].type, c.out[r].data, i, sum);
      }
    }
  }

  template <class T>
  double measure(const error_measure<T>& m) const {
    return detail::measured(m, &detail::scalar::error_leaf<T>, alone);
  }
  template <class T>
  void measure(const moment_measure<T>& m, std::span<lane_moments> out) const {
    detail::measured(m, out, &detail::scalar::moment_leaf<T>, alone);
  }
  template <class A, class B>
  void measure(const dot_measure<A, B>& m, std::span<double> out) const {
    detail::measured(m, out, &detail::scalar::dot_leaf<A, B>, alone);
  }

 private:
  static constexpr detail::workers<caller> alone{nullptr, 0};

  template <class F, class Noise>
  static double read(const source& from, std::size_t i, std::size_t sample_size, const Noise& noise) {
    if (from.data) return detail::get(from.type, from.data, i);
    if (!from.is_noise) return 1;
    F z;
    noise.fill(static_cast<std::uint32_t>(i / sample_size), from.stream, i % sample_size, std::span<F>(&z, 1));
    return static_cast<double>(z);
  }
};

}  // namespace diffode
