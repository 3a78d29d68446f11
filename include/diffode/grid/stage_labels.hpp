// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/grid.hpp"

#include <cmath>
#include <span>
#include <string_view>
#include <vector>

namespace diffode {

// What pipelines list as their "timesteps" when a step takes more than one evaluation. Runs of diffode need none of
// these: each evaluation carries its own label. They are for comparing with such lists, and for progress displays.

/// t0, t1, t1, t2, t2, ...: the labels of Heun's method, which ends each step but the last with one more evaluation.
///
/// Source  HeunDiscreteScheduler, FlowMatchHeunDiscreteScheduler of diffusers
/// Errors  refuses an empty list
inline result<std::vector<double>> try_heun_labels(std::span<const double> labels) {
  if (labels.empty()) return detail::refuse(errc::bad_grid, "heun_labels: number of labels is 0, needs at least 1");
  std::vector<double> all{labels[0]};
  for (const double label : labels.subspan(1)) {
    all.push_back(label);
    all.push_back(label);
  }
  return all;
}

inline std::vector<double> heun_labels(std::span<const double> labels) { return try_heun_labels(labels).value(); }

/// The level halfway in lambda between each two neighbours: where DPM-Solver-2 and KDPM2 evaluate inside a step.
///
/// Source  Lu et al. 2022, arXiv:2206.00927, algorithm 1 (r1 = 1/2); KDPM2DiscreteScheduler of diffusers
/// Errors  refuses levels with infinite lambda: nothing is halfway to them
inline result<std::vector<level<>>> try_lambda_middles(const noise_path& path, std::span<const level<>> levels) {
  std::vector<level<>> middles;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (!std::isfinite(levels[i].lambda))
      return detail::refuse(errc::bad_grid, "lambda_middles: lambda of level ", i, " is ", levels[i].lambda,
                            ", needs a finite number");
    if (i > 0) middles.push_back(path.at_lambda((levels[i - 1].lambda + levels[i].lambda) / 2));
  }
  return middles;
}

inline std::vector<level<>> lambda_middles(const noise_path& path, std::span<const level<>> levels) {
  return try_lambda_middles(path, levels).value();
}

/// t0, m0, t1, m1, t2, ...: the labels of KDPM2, middles[i] between labels[i] and labels[i + 1].
///
/// Source  KDPM2DiscreteScheduler of diffusers
/// Errors  refuses an empty list, and middles that are not one fewer than labels
inline result<std::vector<double>> try_kdpm2_labels(std::span<const double> labels, std::span<const double> middles) {
  using detail::refuse;
  constexpr std::string_view who = "kdpm2_labels";
  if (labels.empty()) return refuse(errc::bad_grid, who, ": number of labels is 0, needs at least 1");
  if (middles.size() != labels.size() - 1)
    return refuse(errc::bad_grid, who, ": number of middles is ", middles.size(), ", needs ", labels.size() - 1,
                  " (one fewer than labels)");
  std::vector<double> all{labels[0]};
  for (std::size_t i = 0; i < middles.size(); ++i) {
    all.push_back(middles[i]);
    all.push_back(labels[i + 1]);
  }
  return all;
}

inline std::vector<double> kdpm2_labels(std::span<const double> labels, std::span<const double> middles) {
  return try_kdpm2_labels(labels, middles).value();
}

/// train_steps   of the table; half a stride of it is where Runge-Kutta steps evaluate in the middle
/// runge_kutta   whether the first three steps are Runge-Kutta steps ("skip_prk_steps": false)
struct pndm_options {
  int train_steps = 1000;
  bool runge_kutta = false;
};

/// The labels of PNDM for these training steps: t0, t1, t1, t2, t3, ... or, with Runge-Kutta steps, for the first three
/// of them t_i, twice t_(i+1) and half a stride, t_(i+1), and then t3, t4, ...
///
/// Source  PNDMScheduler of diffusers (Liu et al. 2022, arXiv:2202.09778); the stride is floor(train_steps/count)
/// Errors  refuses an empty list, train_steps < 2, fewer than 4 steps with Runge-Kutta steps
inline result<std::vector<double>> try_pndm_labels(std::span<const double> steps, pndm_options o = {}) {
  using detail::refuse;
  constexpr std::string_view who = "pndm_labels";
  const std::size_t least = o.runge_kutta ? 4 : 1;
  if (steps.size() < least)
    return refuse(errc::bad_grid, who, ": number of steps is ", steps.size(), ", needs at least ", least,
                  o.runge_kutta ? " (three Runge-Kutta steps)" : "");
  if (o.train_steps < 2) return refuse(errc::bad_grid, who, ": train_steps is ", o.train_steps, ", needs at least 2");
  std::vector<double> all;
  if (!o.runge_kutta) {
    for (std::size_t i = 0; i < steps.size(); ++i)
      for (int times = i == 1 ? 2 : 1; times > 0; --times) all.push_back(steps[i]);
    return all;
  }
  const int half = o.train_steps / static_cast<int>(steps.size()) / 2;  // whole, as labels are in the tables
  for (std::size_t i = 0; i < 3; ++i)
    for (const double label : {steps[i], steps[i + 1] + half, steps[i + 1] + half, steps[i + 1]}) all.push_back(label);
  for (const double step : steps.subspan(3)) all.push_back(step);
  return all;
}

inline std::vector<double> pndm_labels(std::span<const double> steps, pndm_options o = {}) {
  return try_pndm_labels(steps, o).value();
}

}  // namespace diffode
