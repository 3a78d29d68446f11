// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/filter.hpp"
#include "diffode/core/error.hpp"
#include "diffode/detail/hd.hpp"
#include "diffode/model/magnitude_quantile.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace diffode {

namespace detail {

template <class T, bool Divides>
void bounded(const T* in, T* out, std::size_t size, arithmetic<T> limit, instruction_set most) {
  [[maybe_unused]] const instruction_set use = lesser(most, best_instruction_set());
#if defined(__x86_64__)
  if (use == instruction_set::avx512) return avx512::bounded<T, Divides>(in, out, size, limit);
  if (use == instruction_set::avx2) return avx2::bounded<T, Divides>(in, out, size, limit);
#endif
  portable::bounded<T, Divides>(in, out, size, limit);
}

template <class F>
inline constexpr F smallest_normal = std::numeric_limits<F>::min();  // a variable, since device code may not call min()

/// What dynamic_threshold divides by, from the quantile q. Not below the smallest normal number: F may round `least` to 0, and
/// where subnormal numbers are flushed to 0 they are 0 too; zeros would become NaN. NaN stays NaN.
template <class F>
DIFFODE_HD F threshold_limit(double q, double least, double most) {
  const F s = static_cast<F>(q < least ? least : q > most ? most : q);
  return s < smallest_normal<F> ? smallest_normal<F> : s;
}

}  // namespace detail

/// The prediction as it is. Costs nothing: no filter is recorded.
struct no_filter {
  void operator()(auto&&...) const {}
};

/// Limits every element of x0 to [-range, range] ("clip_sample" in diffusers). NaN stays NaN.
///
/// Rounding  range is rounded to the type of the array first, so no result is beyond what that type makes of it. A range that
///           rounds to 0 (float16: up to 2^-25, 3e-8) makes every number 0; one that rounds to infinity keeps all
/// Memory movement  reads 1 array, writes 1
struct clip {
  double range = 1;
  instruction_set most_used = instruction_set::avx512;  ///< as cpu_options::most; the bits of the result are the same

  template <elemental T>
  void operator()(std::span<const T> in, std::span<T> out, const filter_call&) const {
    // What T makes of the range, so that no result is rounded beyond it.
    detail::bounded<T, false>(in.data(), out.data(), in.size(), static_cast<arithmetic<T>>(static_cast<T>(range)), most_used);
  }
  /// The cotangent where `in` is left as it is, 0 where it is limited.
  template <elemental T>
  void vjp(std::span<const T> in, std::span<const T> cotangent, std::span<T> out, const filter_call&) const {
    const arithmetic<T> limit = static_cast<arithmetic<T>>(static_cast<T>(range));
    for (std::size_t i = 0; i < in.size(); ++i) {
      const arithmetic<T> x = static_cast<arithmetic<T>>(in[i]);
      out[i] = x > limit || x < -limit ? T(0) : cotangent[i];
    }
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
///          Never below the smallest normal number of the arithmetic (1.2e-38 in float), whatever least and most say
/// Ends     NaN counts as larger than infinity and stays NaN; a sample whose quantile is NaN becomes NaN as a whole. Where s is
///          infinite, because the quantile is and most allows it, or because the arithmetic cannot hold least, finite elements
///          become 0 and infinite ones NaN
/// Memory movement  finds the exact quantile in mostly 2 readings (model/magnitude_quantile.hpp); then reads 1 array, writes
///          1. Takes no memory but 48 KiB of the stack
/// Arithmetic  the quantile in double; s and the quotient in float, in double for arrays of doubles; one rounding on store
struct dynamic_threshold {
  double ratio = 0.995;
  double least = 1;
  double most = std::numeric_limits<double>::infinity();
  instruction_set most_used = instruction_set::avx512;  ///< as cpu_options::most; the bits of the result are the same

  template <elemental T>
  void operator()(std::span<const T> in, std::span<T> out, const filter_call& where) const {
    const std::size_t n = where.sample_size;
    detail::magnitude_quantile<T> quantile(detail::lesser(most_used, best_instruction_set()));
    for (std::size_t first = 0; first < in.size(); first += n) {
      const arithmetic<T> s = detail::threshold_limit<arithmetic<T>>(quantile(in.data() + first, n, ratio), least, most);
      detail::bounded<T, true>(in.data() + first, out.data() + first, n, s, most_used);
    }
  }
  /// 1/s where `in` is within s, 0 where it is limited; and, unless least or most set s, what s does: it moves with the one or two elements
  /// that it lies between.
  template <elemental T>
  void vjp(std::span<const T> in, std::span<const T> cotangent, std::span<T> out, const filter_call& where) const {
    const std::size_t n = where.sample_size;
    detail::magnitude_quantile<T> quantile(detail::lesser(most_used, best_instruction_set()));
    for (std::size_t first = 0; first < in.size(); first += n) {
      const std::span<const T> x = in.subspan(first, n);
      const double q = quantile(x.data(), n, ratio), s = static_cast<double>(detail::threshold_limit<arithmetic<T>>(q, least, most));
      std::size_t below = n, above = n;  // the elements that q lies between
      double by_s = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double size = magnitude(x[i]);
        if (size <= q && (below == n || size > magnitude(x[below]))) below = i;
        if (size >= q && (above == n || size < magnitude(x[above]))) above = i;
        const double v = static_cast<double>(cotangent[first + i]);
        if (size <= s) by_s -= v * static_cast<double>(x[i]) / (s * s);
        out[first + i] = static_cast<T>(size <= s ? v / s : 0);
      }
      if (!(q > least && q < most) || below == n || above == n) continue;
      const double place = ratio * static_cast<double>(n - 1), share = below == above ? 0 : place - std::floor(place);
      const auto add = [&](std::size_t i, double weight) { out[first + i] = static_cast<T>(static_cast<double>(out[first + i]) + (static_cast<double>(x[i]) < 0 ? -weight : weight) * by_s); };
      add(below, 1 - share);
      if (above != below) add(above, share);
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
  static double magnitude(auto x) { return std::abs(static_cast<double>(x)); }
};

}  // namespace diffode
