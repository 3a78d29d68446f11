// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/schedule/vp_level.hpp"

#include <cmath>
#include <numbers>

namespace diffode {

/// TrigFlow: the quarter circle from data to noise, alpha = cos t, sigma = sin t.
///
/// Source  Lu, Song 2024, arXiv:2410.11081, section 3 (sCM)
/// Units   t in [0, pi/2], lambda = -ln tan t; the state is that of the paper divided by sigma_data, so that the noise
///         has deviation 1
/// Ends    t = 0 is clean data, t = pi/2 (as a double) pure noise; both are exact
/// Errors  none: there is nothing to choose
struct trigflow {
  static constexpr std::string_view name = "trigflow";

  // The cosine is the sine of what is missing to pi/2: exactly 0 at the end.
  level<> at(double t) const { return make_level(t, std::sin(std::numbers::pi / 2 - t), std::sin(t)); }

  level<> at_lambda(double lambda) const {
    level<> l = detail::vp_from_lambda(0, lambda);
    l.t = l.label = std::atan2(l.sigma, l.alpha);
    return l;
  }

  time_range range() const { return {0, std::numbers::pi / 2}; }
  fault check() const { return {}; }
};

static_assert(noise_schedule<trigflow>);

}  // namespace diffode
