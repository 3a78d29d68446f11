// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/backend.hpp"

#include <cmath>
#include <cstddef>

namespace diffode::detail {

/// Sum of the squared, scaled errors of elements [first, first + count): halves are added, so that rounding grows with the
/// logarithm of the count, in an order that depends on the count alone.
template <class T>
double squared_error(const error_measure<T>& e, std::size_t first, std::size_t count) {
  if (count > 256) {
    const std::size_t half = count / 2;
    return squared_error(e, first, half) + squared_error(e, first + half, count - half);
  }
  double sum = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    const double a = static_cast<double>(e.a[i]), b = static_cast<double>(e.b[i]);
    const double size = std::fmax(std::abs(b), std::abs(static_cast<double>(e.scale[i])));
    const double off = a == b && std::isfinite(b) ? 0 : (a - b) / std::fmax(e.atol, e.rtol * size);  // nothing is allowed where atol and size are 0
    sum += off * off;
  }
  return sum;
}

template <class T>
double scaled_error(const error_measure<T>& e) {
  if (e.whole) return std::sqrt(squared_error(e, 0, e.size) / static_cast<double>(e.size));
  double worst = 0;
  for (std::size_t first = 0; first < e.size; first += e.sample_size) {
    const double mean = squared_error(e, first, e.sample_size) / static_cast<double>(e.sample_size);
    if (!(mean <= worst)) worst = mean;  // takes what is no number for the worst
    if (std::isnan(worst)) break;
  }
  return std::sqrt(worst);
}

}  // namespace diffode::detail
