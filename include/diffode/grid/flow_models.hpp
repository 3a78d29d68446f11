// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/flow_uniform.hpp"
#include "diffode/grid/stretched.hpp"
#include "diffode/schedule/token_shift.hpp"

#include <cmath>
#include <string_view>

namespace diffode {

/// tokens: length of the sequence that the model sees, which for images is a quarter of the latent pixels
struct token_steps {
  double tokens = 0;
  int count = 0;
};

namespace detail {

inline fault check(std::string_view who, double tokens, int count) {
  if (!(std::isfinite(tokens) && tokens > 0))
    return refuse(errc::bad_grid, who, ": tokens is ", tokens, ", needs a finite number above 0");
  if (count < 1) return refuse(errc::bad_grid, who, ": count is ", count, ", needs at least 1");
  if (count > most_steps) return refuse(errc::bad_grid, who, ": count is ", count, ", needs at most ", most_steps);
  return {};
}

/// 1 - i/count on the flow that is shifted by the mu of a line; terminal: 0, or what the grid is stretched to.
inline result<grid> along_line(std::string_view who, token_steps o, token_line line, double terminal) {
  if (const fault f = check(who, o.tokens, o.count)) return *f;
  const result<grid> all = try_flow_uniform(shifted_exponential(mu_of_tokens(o.tokens, line)), {.count = o.count});
  // One step has no level to stretch: it goes from noise to data.
  return terminal == 0 || o.count == 1 || !all ? all : try_stretched(all.value(), terminal);
}

}  // namespace detail

/// The sigmas of Flux: 1 - i/count, shifted by the mu of flux_line.
///
/// Source  the reference code of Flux.1; diffusers with "use_dynamic_shifting" and the sigmas of its pipeline; "flux"
///         in stable-diffusion.cpp. The path is shifted_exponential
/// Errors  refuses tokens that are not finite or not above 0, count < 1
inline result<grid> try_flux_steps(token_steps o) { return detail::along_line("flux_steps", o, flux_line, 0); }
inline grid flux_steps(token_steps o) { return try_flux_steps(o).value(); }

/// The sigmas of Flux.2: as flux_steps, by the mu of flux2_mu, which depends on the number of steps too.
///
/// Source  the reference code of Flux.2; "flux2" in stable-diffusion.cpp
/// Errors  those of flux_steps
inline result<grid> try_flux2_steps(token_steps o) {
  if (const fault f = detail::check("flux2_steps", o.tokens, o.count)) return *f;
  return try_flow_uniform(shifted_exponential(flux2_mu(o.tokens, o.count)), {.count = o.count});
}
inline grid flux2_steps(token_steps o) { return try_flux2_steps(o).value(); }

/// The sigmas of Qwen-Image: as flux_steps along qwen_image_line, then stretched to end at 0.02 before 0.
///
/// Source  scheduler_config.json of Qwen-Image
/// Errors  those of flux_steps
inline result<grid> try_qwen_image_steps(token_steps o) {
  return detail::along_line("qwen_image_steps", o, qwen_image_line, 0.02);
}
inline grid qwen_image_steps(token_steps o) { return try_qwen_image_steps(o).value(); }

/// The sigmas of LTX-Video and LTX-2: as flux_steps along ltx_line, then stretched to end at 0.1 before 0.
///
/// Source  scheduler_config.json of LTX-Video; "ltx2" in stable-diffusion.cpp, LTXVScheduler in ComfyUI
/// Errors  those of flux_steps
inline result<grid> try_ltx_steps(token_steps o) { return detail::along_line("ltx_steps", o, ltx_line, 0.1); }
inline grid ltx_steps(token_steps o) { return try_ltx_steps(o).value(); }

/// shift: the static shift of the configuration; train_steps: its "num_train_timesteps"
struct static_shift_steps {
  int count = 0;
  double shift = 3;
  int train_steps = 1000;
};

namespace detail {

inline fault check(std::string_view who, const static_shift_steps& o) {
  if (const fault f = check(who, 1, o.count)) return f;
  if (!(std::isfinite(o.shift) && o.shift > 0))
    return refuse(errc::bad_grid, who, ": shift is ", o.shift, ", needs a finite number above 0");
  if (o.train_steps < 2) return refuse(errc::bad_grid, who, ": train_steps is ", o.train_steps, ", needs at least 2");
  return {};
}

}  // namespace detail

/// The sigmas of Stable Diffusion 3, shifted once: 1 - i/count on shifted_by(shift).
///
/// Source  Esser et al. 2024, arXiv:2403.03206, eq. (23)
/// Differs from diffusers, see flow_match_steps; train_steps has no part here
/// Errors  refuses count < 1, a shift that is not finite or not above 0, train_steps < 2
inline result<grid> try_sd3_steps(static_shift_steps o) {
  if (const fault f = detail::check("sd3_steps", o)) return *f;
  return try_flow_uniform(shifted_by(o.shift), {.count = o.count});
}
inline grid sd3_steps(static_shift_steps o) { return try_sd3_steps(o).value(); }

/// The sigmas that FlowMatchEulerDiscreteScheduler of diffusers makes from a number of steps and a static shift: its
/// smallest one is shifted twice, once when the class is made and once more with the others.
///
/// Source  set_timesteps of that class; equidistant from 1 to shift(1/train_steps), shifted, and then 0
/// Errors  those of sd3_steps
inline result<grid> try_flow_match_steps(static_shift_steps o) {
  if (const fault f = detail::check("flow_match_steps", o)) return *f;
  const auto path = shifted_by(o.shift);
  return try_flow_uniform(path, {.count = o.count, .last = path.at(1.0 / o.train_steps).sigma, .end = ending::zero});
}
inline grid flow_match_steps(static_shift_steps o) { return try_flow_match_steps(o).value(); }

}  // namespace diffode
