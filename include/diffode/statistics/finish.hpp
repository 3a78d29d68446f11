// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/model_statistics.hpp"
#include "diffode/statistics/sums.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace diffode {

/// What keeps noise of few samples out of statistics. Where f hardly varies, s is a ratio of two noises, and a run on it may
/// explode: docs/dpm_v3.md has the figures.
///
/// smooth_l      l is averaged over so many rows to each side before it is used in f and differenced; near the ends over fewer, as
///               many on one side as on the other, so that a slope of l moves nothing
/// smooth_slope  the difference of l is averaged over so many rows to each side, near the ends over those that there are. The
///               paper's code has 5 here and 0 above: then f and its slope do not belong to the same l any more
/// largest_s     s is cut off there; models in closed form stay near 2 or below
/// floor         s is 0, and b the mean slope, where the variance of f is below so many variances of the measured l times the mean
///               of (x/alpha)^2
struct statistics_guards {
  int smooth_l = 3, smooth_slope = 0;
  double largest_s = 3, floor = 10;

  bool operator==(const statistics_guards&) const = default;

  fault check() const {
    using detail::refuse;
    constexpr std::string_view who = "statistics_guards";
    if (smooth_l < 0) return refuse(errc::bad_model, who, ": smooth_l is ", smooth_l, ", needs a number of rows from 0");
    if (smooth_slope < 0) return refuse(errc::bad_model, who, ": smooth_slope is ", smooth_slope, ", needs a number of rows from 0");
    if (!(largest_s > 0)) return refuse(errc::bad_model, who, ": largest_s is ", largest_s, ", needs a number above 0, or infinity");
    if (!(floor >= 0 && std::isfinite(floor))) return refuse(errc::bad_model, who, ": floor is ", floor, ", needs a finite number from 0");
    return {};
  }
};

/// Statistics of a model: rows of `columns` numbers, one after another.
struct measured_statistics {
  std::vector<double> lambda, l, s, b;

  std::size_t columns() const { return lambda.empty() ? 0 : l.size() / lambda.size(); }
  result<model_statistics> try_table() const { return model_statistics::try_make({.lambda = lambda, .l = l, .s = s, .b = b}); }
  model_statistics table() const { return try_table().value(); }
};

/// Finished statistics, and what is known of their quality.
struct finished_statistics : measured_statistics {
  std::vector<double> l_error;     ///< standard error of l in each cell, before it was smoothed
  std::size_t flat = 0, clipped = 0;  ///< cells in which s was set to 0, and cut off
};

namespace detail {

/// What a mean does where rows end: takes as many on one side as on the other, or all that there are.
enum class box_end { even, cut };

/// Means over `reach` rows to each side.
inline std::vector<double> box_means(std::span<const double> v, std::size_t reach, box_end end) {
  std::vector<double> all;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const std::size_t after = v.size() - 1 - i, both = end == box_end::even ? std::min({reach, i, after}) : reach;
    const std::size_t first = i - std::min(both, i), last = i + std::min(both, after);
    double sum = 0;
    for (std::size_t k = first; k <= last; ++k) sum += v[k];
    all.push_back(sum / static_cast<double>(last - first + 1));
  }
  return all;
}

/// Central differences, one-sided at the ends.
inline std::vector<double> differences_over(std::span<const double> x, std::span<const double> v) {
  std::vector<double> all;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const std::size_t a = i == 0 ? 0 : i - 1, b = std::min(i + 1, v.size() - 1);
    all.push_back((v[b] - v[a]) / (x[b] - x[a]));
  }
  return all;
}

/// The line s f + b through the slopes of f, with a = 1 - l and da the slope of l.
struct fitted_line {
  double s, b;
  bool flat, clipped;
};
inline fitted_line fit(const statistics_cell& c, double n, double a, double da, double l_variance, const statistics_guards& g) {
  using enum statistics_cell::field;
  // f = p + a y,  f' = w - a p - e y
  const double e = a + da, size = (c[pp] + a * a * c[yy]) / n;
  const double variance = (c[pp] + 2 * a * c[py] + a * a * c[yy]) / n;
  const double covariance = (c[pw] - a * c[pp] - e * c[py] + a * c[yw] - a * a * c[py] - a * e * c[yy]) / n;
  const double f = c[mean_p] + a * c[mean_y], slope = c[mean_w] - a * c[mean_p] - e * c[mean_y];
  const double noise = g.floor * l_variance * (c[yy] / n + c[mean_y] * c[mean_y]);
  // Below 1e-12 of what it is the sum of, a variance is rounding.
  if (!(variance > 1e-12 * size && variance >= noise)) return {0, slope, true, false};
  const double s = covariance / variance, kept = std::clamp(s, -g.largest_s, g.largest_s);
  return {kept, slope - kept * f, false, kept != s};
}

}  // namespace detail

/// l, s and b from the sums of all samples.
///
/// Source  Zheng et al. 2023, arXiv:2310.13268, section 3.2: l is the mean of the diagonal of sigma J; s and b are the least
///         squares line through the slope of f over f
/// Errors  refuses sums that are not complete, and guards that are none
inline result<finished_statistics> try_finish(const statistics_sums& sums, const statistics_guards& g = {}) {
  if (const fault f = g.check()) return *f;
  const result<std::vector<statistics_cell>> total = sums.try_total();
  if (!total) return *total.reason();
  using enum statistics_cell::field;
  const std::vector<statistics_cell>& cells = total.value();
  const statistics_options& o = sums.options();
  const std::size_t rows = o.rows(), columns = o.columns;
  const double n = sums.count();

  finished_statistics all;
  for (std::size_t i = 0; i < rows; ++i) all.lambda.push_back(o.lambda(i));
  for (std::vector<double>* v : {&all.l, &all.s, &all.b, &all.l_error}) v->resize(cells.size());
  std::vector<double> raw(rows);
  for (std::size_t k = 0; k < columns; ++k) {
    for (std::size_t i = 0; i < rows; ++i) raw[i] = cells[i * columns + k][mean_j];
    const std::vector<double> l = detail::box_means(raw, static_cast<std::size_t>(g.smooth_l), detail::box_end::even);
    const std::vector<double> difference = detail::differences_over(all.lambda, l);
    const std::vector<double> dl = detail::box_means(difference, static_cast<std::size_t>(g.smooth_slope), detail::box_end::cut);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::size_t at = i * columns + k;
      const double l_variance = cells[at][jj] / (n - 1) / n;
      const detail::fitted_line line = detail::fit(cells[at], n, 1 - l[i], dl[i], l_variance, g);
      all.l[at] = l[i];
      all.s[at] = line.s;
      all.b[at] = line.b;
      all.l_error[at] = std::sqrt(l_variance);
      all.flat += line.flat;
      all.clipped += line.clipped;
    }
  }
  return all;
}
inline finished_statistics finish(const statistics_sums& sums, const statistics_guards& g = {}) { return try_finish(sums, g).value(); }

}  // namespace diffode
