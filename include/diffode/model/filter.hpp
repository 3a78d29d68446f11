// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/filter.hpp"
#include "diffode/core/error.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// The prediction as it is. Costs nothing: no filter is recorded.
struct no_filter {
  void operator()(auto&&...) const {}
};

/// Limits every element of x0 to [-range, range] ("clip_sample" in diffusers).
struct clip {
  double range = 1;

  template <class T>
  void operator()(std::span<const T> in, std::span<T> out, const filter_call&) const {
    const T high = static_cast<T>(range);
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i] < -high ? -high : in[i] > high ? high : in[i];
  }
  fault check() const {
    if (range > 0) return {};
    return detail::refuse(errc::bad_model, "clip: range is ", range, ", needs a number above 0");
  }
};

/// Limits x0 of each sample to the `ratio` quantile s of its absolute values and divides by s.
///
/// Source   Saharia et al. 2022, arXiv:2205.11487, section 2.3; quantile with linear interpolation between order statistics
/// Limits   s is kept within [least, most]. dpm-solver: least = its max_value, most = inf. diffusers: least = 1,
///          most = sample_max_value (so its default of 1 is plain clipping).
/// Memory   one sample, taken on the first call
struct dynamic_threshold {
  double ratio = 0.995;
  double least = 1;
  double most = std::numeric_limits<double>::infinity();
  std::vector<double> sorted{};  ///< working memory, nothing to set

  template <class T>
  void operator()(std::span<const T> in, std::span<T> out, const filter_call& where) {
    const std::size_t n = where.sample_size;
    sorted.resize(n);
    for (std::size_t first = 0; first < in.size(); first += n) {
      const double s = limit(in.subspan(first, n));
      for (std::size_t i = first; i < first + n; ++i) {
        const double x = static_cast<double>(in[i]);
        out[i] = static_cast<T>((x < -s ? -s : x > s ? s : x) / s);
      }
    }
  }
  fault check() const {
    using detail::refuse;
    if (!(ratio > 0 && ratio <= 1))
      return refuse(errc::bad_model, "dynamic_threshold: ratio is ", ratio, ", needs a number above 0 and not above 1");
    if (!(least > 0)) return refuse(errc::bad_model, "dynamic_threshold: least is ", least, ", needs a number above 0");
    if (!(most >= least))
      return refuse(errc::bad_model, "dynamic_threshold: most is ", most, ", needs a number not below least = ", least);
    return {};
  }

 private:
  template <class T>
  double limit(std::span<const T> sample) {
    for (std::size_t i = 0; i < sample.size(); ++i) sorted[i] = std::abs(static_cast<double>(sample[i]));
    const double place = ratio * static_cast<double>(sample.size() - 1);
    const std::size_t below = static_cast<std::size_t>(place);
    const double low = select(below);
    double high = low;  // the smallest of those above: everything right of `below` is not smaller than it
    if (below + 1 < sorted.size()) {
      high = std::numeric_limits<double>::infinity();
      for (std::size_t i = below + 1; i < sorted.size(); ++i) high = sorted[i] < high ? sorted[i] : high;
    }
    const double s = low + (place - static_cast<double>(below)) * (high - low);
    return s < least ? least : s > most ? most : s;
  }
  /// The k-th smallest, with all smaller ones left of it (Hoare's selection).
  double select(std::size_t k) {
    std::size_t left = 0, right = sorted.size() - 1;
    while (left < right) {
      const double pivot = sorted[left + (right - left) / 2];
      std::size_t i = left, j = right;
      while (true) {
        while (sorted[i] < pivot) ++i;
        while (pivot < sorted[j]) --j;
        if (i >= j) break;
        std::swap(sorted[i++], sorted[j--]);
      }
      if (k <= j) right = j;
      else left = j + 1;
    }
    return sorted[k];
  }
};

}  // namespace diffode
