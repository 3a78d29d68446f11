// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/measure.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace diffode {

/// One thread of the processor.
///
/// Memory movement  reads `terms` arrays, writes `rows` arrays, each element once; noise is made in the loop
/// Arithmetic       in T (float for float): one multiply and add per coefficient, one store per row
/// Unrolled         up to max_rows x max_terms; beyond that a loop over rows and terms for each block
struct cpu {
  static constexpr std::size_t max_rows = 3, max_terms = 8;

  template <class T, class Noise>
  void combine(const combination<T>& c, const Noise& noise) const {
    const std::size_t run = c.lanes.count > 1 ? c.lanes.stride : c.size;
    for (std::size_t first = 0; first < c.size; first += run)
      same_lane(c, noise, first, first + run < c.size ? first + run : c.size);
  }

  template <class T>
  double measure(const error_measure<T>& e) const {
    return detail::scaled_error(e);
  }

 private:
  static constexpr std::size_t block = 512;

  /// Elements [first, last) all have the same coefficients.
  template <class T, class Noise>
  static void same_lane(const combination<T>& c, const Noise& noise, std::size_t first, std::size_t last) {
    const std::size_t terms = c.in.size(), rows = c.out.size();
    const double* wanted = c.coefficients.data() + c.lanes(first);
    T coefficient[most_outputs * most_inputs];
    for (std::size_t k = 0; k < rows * terms; ++k) coefficient[k] = static_cast<T>(wanted[k * c.lanes.count]);
    const bool makes = any_made(c.in);
    for (std::size_t i = first; i < last;) {
      std::size_t n = last - i;
      // What is made on the fly is made block by block and sample by sample, next to its use.
      if (makes) {
        const std::size_t to_sample_end = c.sample_size - i % c.sample_size;
        n = n < block ? n : block;
        n = n < to_sample_end ? n : to_sample_end;
      }
      T made[most_made][block];
      const T* in[most_inputs];
      T* out[most_outputs];
      std::size_t used = 0;
      for (std::size_t k = 0; k < terms; ++k) in[k] = c.in[k].data ? c.in[k].data + i : make(c, c.in[k], noise, i, std::span<T>(made[used++], n));
      for (std::size_t r = 0; r < rows; ++r) out[r] = c.out[r] + i;
      if (rows <= max_rows && terms <= max_terms && terms > 0)
        kernels<T>()[(rows - 1) * max_terms + terms - 1](out, in, coefficient, n);
      else any_shape(out, rows, in, terms, coefficient, n);
      i += n;
    }
  }

  template <class T>
  static bool any_made(std::span<const source<T>> in) {
    for (const source<T>& s : in)
      if (!s.data) return true;
    return false;
  }

  template <class T, class Noise>
  static const T* make(const combination<T>& c, const source<T>& what, const Noise& noise, std::size_t i, std::span<T> out) {
    if (what.is_noise) noise.fill(static_cast<std::uint32_t>(i / c.sample_size), what.stream, i % c.sample_size, out);
    else
      for (T& v : out) v = 1;
    return out.data();
  }

  template <class T>
  using kernel = void (*)(T* const* out, const T* const* in, const T* coefficient, std::size_t n);

  // Where optimisation is too low for it to vectorize, Clang would warn in every program that includes this.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"
#endif
  template <class T, std::size_t Rows, std::size_t Terms>
  static void unrolled(T* const* out, const T* const* in, const T* coefficient, std::size_t n) {
    std::array<T, Rows * Terms> c;
    std::array<const T*, Terms> x;
    std::array<T*, Rows> y;
    for (std::size_t k = 0; k < c.size(); ++k) c[k] = coefficient[k];
    for (std::size_t k = 0; k < Terms; ++k) x[k] = in[k];
    for (std::size_t r = 0; r < Rows; ++r) y[r] = out[r];
    // Element i depends on element i alone, also where an output is an input.
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#elif defined(__GNUC__)
#pragma GCC ivdep
#endif
    for (std::size_t i = 0; i < n; ++i) {
      std::array<T, Rows> sum{};
      for (std::size_t k = 0; k < Terms; ++k) {
        const T v = x[k][i];
        for (std::size_t r = 0; r < Rows; ++r) sum[r] += c[r * Terms + k] * v;
      }
      for (std::size_t r = 0; r < Rows; ++r) y[r][i] = sum[r];
    }
  }
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

  template <class T>
  static const auto& kernels() {
    static constexpr auto table = []<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<kernel<T>, sizeof...(I)>{&unrolled<T, I / max_terms + 1, I % max_terms + 1>...};
    }(std::make_index_sequence<max_rows * max_terms>());
    return table;
  }

  template <class T>
  static void any_shape(T* const* out, std::size_t rows, const T* const* in, std::size_t terms, const T* coefficient, std::size_t n) {
    T sum[most_outputs];
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t r = 0; r < rows; ++r) sum[r] = 0;
      for (std::size_t k = 0; k < terms; ++k)
        for (std::size_t r = 0; r < rows; ++r) sum[r] += coefficient[r * terms + k] * in[k][i];
      for (std::size_t r = 0; r < rows; ++r) out[r][i] = sum[r];
    }
  }
};

}  // namespace diffode
