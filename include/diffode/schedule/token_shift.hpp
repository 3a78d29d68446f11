// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/shifted.hpp"

#include <cmath>
#include <string_view>

namespace diffode {

// The lines mu(tokens) of published models, for mu_of_tokens: base_image_seq_len, base_shift, max_image_seq_len and
// max_shift of their scheduler_config.json. Models with a static shift (shifted_by) need none.
inline constexpr token_line flux_line{};
inline constexpr token_line sd3_line{.mu_high = 1.16};
inline constexpr token_line qwen_image_line{.tokens_high = 8192, .mu_high = 0.9};
inline constexpr token_line ltx_line{.tokens_low = 1024, .mu_low = 0.95, .mu_high = 2.05};

/// The mu of Flux.2 for an image of that many tokens and a run of `count` steps: above 4300 tokens a line, below it
/// something between two lines, for 10 and for 200 steps, linear in the number of steps (and beyond them).
///
/// Source  compute_empirical_mu of the reference code of Flux.2, as in diffusers and stable-diffusion.cpp
/// Errors  refuses tokens that are not finite or not above 0, count < 1
inline result<double> try_flux2_mu(double tokens, int count) {
  using detail::refuse;
  constexpr std::string_view who = "flux2_mu";
  if (!(std::isfinite(tokens) && tokens > 0))
    return refuse(errc::bad_schedule, who, ": tokens is ", tokens, ", needs a finite number above 0");
  if (count < 1) return refuse(errc::bad_schedule, who, ": count is ", count, ", needs at least 1");
  const double of_200 = 0.00016927 * tokens + 0.45666666, of_10 = 8.73809524e-05 * tokens + 1.89833333;
  if (tokens > 4300) return of_200;
  return of_10 + (of_200 - of_10) * (count - 10) / 190;
}

inline double flux2_mu(double tokens, int count) { return try_flux2_mu(tokens, count).value(); }

}  // namespace diffode
