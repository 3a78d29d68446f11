// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"
#include "diffode/grid/rounding.hpp"
#include "diffode/schedule/discrete.hpp"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// original  number of steps that the model was distilled with ("original_inference_steps"); the number of training
///           steps stands for all of them, which TCD pipelines take when it is set
/// strength  share of the noise that an image is started with: later steps only
struct distilled_options {
  int count = 0, original = 50;
  double strength = 1;
  ending end = ending::zero;
};

namespace detail {

/// How many of the distilled steps are in use.
inline int distilled_kept(const distilled_options& o) { return static_cast<int>(o.original * o.strength); }

inline fault check(std::string_view who, int train_steps, const distilled_options& o, int values) {
  if (train_steps < 2) return refuse(errc::bad_grid, who, ": train_steps is ", train_steps, ", needs at least 2");
  if (o.original < 1 || o.original > train_steps)
    return refuse(errc::bad_grid, who, ": original is ", o.original, ", needs an integer from 1 to ", train_steps);
  if (!(o.strength > 0 && o.strength <= 1))
    return refuse(errc::bad_grid, who, ": strength is ", o.strength, ", needs a number above 0 and up to 1");
  if (distilled_kept(o) < 1)
    return refuse(errc::bad_grid, who, ": strength is ", o.strength, ", needs at least ", 1.0 / o.original,
                  " (one of the original steps)");
  if (o.count < 1 || values > distilled_kept(o))
    return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs an integer from 1 to ",
                  distilled_kept(o) - (values - o.count));
  return o.end.check(who);
}

inline std::vector<double> pick_distilled(int train_steps, const distilled_options& o, int values) {
  const int stride = train_steps / o.original, kept = distilled_kept(o);
  std::vector<double> steps;
  for (int i = 0; i < values; ++i) {
    // In the arithmetic of numpy's linspace, whose product may come out below an integer.
    const int index = static_cast<int>(rounded_product(i, static_cast<double>(kept) / values));
    steps.push_back((kept - index) * stride - 1);
  }
  return steps;
}

}  // namespace detail

/// `count` training steps evenly picked out of those that a consistency model was distilled with: j k - 1 for j = 1 to
/// original strength, k = floor(train_steps/original).
///
/// Source  LCMScheduler and TCDScheduler of diffusers; "lcm" in stable-diffusion.cpp (Luo et al. 2023,
///         arXiv:2310.04378; Zheng et al. 2024, arXiv:2402.19159)
/// Errors  refuses train_steps < 2, original outside 1..train_steps, strength outside (0, 1], count above original
///         strength
inline result<std::vector<double>> try_distilled_steps(int train_steps, distilled_options o) {
  if (const fault f = detail::check("distilled_steps", train_steps, o, o.count)) return *f;
  return detail::pick_distilled(train_steps, o, o.count);
}

inline std::vector<double> distilled_steps(int train_steps, distilled_options o) {
  return try_distilled_steps(train_steps, o).value();
}

/// The levels of a table at these steps, followed by the ending.
///
/// Units   count: number of steps of the run; labels are training steps
/// Errors  those of distilled_steps and of the table
inline result<grid> try_distilled(const discrete& table, distilled_options o) {
  if (const fault f = table.check()) return *f;
  const int train_steps = static_cast<int>(table.log_alpha.size()), values = o.end.values(o.count);
  if (const fault f = detail::check("distilled", train_steps, o, values)) return *f;
  const noise_path path = table;
  std::vector<level<>> levels;
  for (const double step : detail::pick_distilled(train_steps, o, values)) levels.push_back(table.at(step));
  return detail::finish("distilled", path, std::move(levels), o.end);
}

inline grid distilled(const discrete& table, distilled_options o) { return try_distilled(table, o).value(); }

}  // namespace diffode
