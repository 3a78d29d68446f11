// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/resampled.hpp"

#include <span>
#include <string_view>

namespace diffode {

/// The models that lists of Align Your Steps were published for.
enum class ays_model { stable_diffusion, stable_diffusion_xl, stable_video_diffusion };

// The lists of Sabour et al. 2024, arXiv:2404.14507 (project page, "how to"), for 10 steps: 10 sigmas, and the smallest
// one of the training table in the place of 0.
inline constexpr double ays_sd_sigmas[] = {14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520,
                                           1.8841921177,  1.3943805092, 0.9642583904, 0.6523686016,
                                           0.3977456272,  0.1515232662, 0.0291671582};
inline constexpr double ays_sdxl_sigmas[] = {14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769,
                                             1.3405244945,  0.8620721141, 0.5550693289, 0.3798540708,
                                             0.2332364134,  0.1114188177, 0.0291671582};
inline constexpr double ays_svd_sigmas[] = {700, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002};

// AysSchedules of diffusers: the training steps of these sigmas, for pipelines that take `timesteps`; and the sigmas to
// three digits, with their 0, for pipelines that take `sigmas`. For from_times and from_sigmas.
inline constexpr double ays_sd_steps[] = {999, 850, 736, 645, 545, 455, 343, 233, 124, 24};
inline constexpr double ays_sdxl_steps[] = {999, 845, 730, 587, 443, 310, 193, 116, 53, 13};
inline constexpr double ays_sd_rounded[] = {14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0};
inline constexpr double ays_sdxl_rounded[] = {14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0};

/// The sigmas of Align Your Steps: found by optimisation for one model, for 10 steps; spread to other numbers of steps.
///
/// Source  Sabour et al. 2024, arXiv:2404.14507; the lists as in ComfyUI and stable-diffusion.cpp. diffusers has the
///         first ten of them to three digits
/// Units   sigma/alpha; count + 1 sigmas, the last of which the ending replaces. stable_video_diffusion is for EDM
///         paths
/// Errors  refuses count < 1
inline result<grid> try_ays(const noise_path& path, ays_model model, int count, ending end = ending::zero) {
  using detail::refuse;
  constexpr std::string_view who = "ays";
  if (count < 1) return refuse(errc::bad_grid, who, ": count is ", count, ", needs at least 1");
  if (count > most_steps) return refuse(errc::bad_grid, who, ": count is ", count, ", needs at most ", most_steps);
  const std::span<const double> list = model == ays_model::stable_diffusion      ? ays_sd_sigmas
                                       : model == ays_model::stable_diffusion_xl ? ays_sdxl_sigmas
                                                                                 : ays_svd_sigmas;
  return detail::with_ending(who, path, detail::along(list, count), end);
}

inline grid ays(const noise_path& path, ays_model model, int count, ending end = ending::zero) {
  return try_ays(path, model, count, end).value();
}

}  // namespace diffode
