// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/schedule/vp_level.hpp"

#include <cmath>
#include <numbers>

namespace diffode {

/// Variance-preserving schedule whose alpha is a piece of a cosine.
///
/// Source  Nichol, Dhariwal 2021, arXiv:2102.09672, eq. (17), in continuous time; normalised to
///         alpha(0) = 1 as in Lu et al. 2022, arXiv:2206.00927
/// Units   t in [0, 0.9946]; with a(t) = pi/2 (t + offset)/(1 + offset), alpha = cos a(t) / cos a(0),
///         alpha^2 + sigma^2 = 1
/// Differs `normalised = false` gives alpha = cos a(t) (the form used with DEIS): t = 0 then still holds noise
/// Ends    lambda = +inf answers t = 0, lambda = -inf answers t = 1; beyond 0.9946 beta(t) grows without bound
/// Errors  refuses an offset that is not finite or not above 0
struct vp_cosine {
  double offset = 0.008;
  bool normalised = true;

  static constexpr std::string_view name = "vp_cosine";

  level<> at(double t) const {
    const double a0 = angle(offset), d = angle(t);
    // cos a is sin of what is missing to a right angle: exact where cos would cancel.
    const double cosine = std::sin(angle(1 - t));
    if (!normalised) return make_level(t, cosine, std::sin(a0 + d));
    // sigma^2 = (cos^2 a0 - cos^2 a)/cos^2 a0 as a product: no cancellation at small t.
    return make_level(t, cosine / std::cos(a0), std::sqrt(std::sin(d) * std::sin(2 * a0 + d)) / std::cos(a0));
  }

  level<> at_lambda(double lambda) const {
    const double a0 = angle(offset), c = normalised ? std::cos(a0) : 1, s = normalised ? std::sin(a0) : 0;
    level<> l = detail::vp_from_lambda(0, lambda);
    const double a = std::atan2(std::hypot(l.sigma * c, s), l.alpha * c);
    l.t = l.label = std::fmax(0, (a - a0) * (1 + offset) * 2 / std::numbers::pi);
    return l;
  }

  time_range range() const { return {0, 0.9946}; }

  fault check() const {
    if (!(std::isfinite(offset) && offset > 0))
      return detail::refuse(errc::bad_schedule, name, ": offset is ", offset,
                            ", needs a finite number above 0");
    return {};
  }

 private:
  double angle(double t) const { return std::numbers::pi / 2 * t / (1 + offset); }
};

static_assert(noise_schedule<vp_cosine>);

}  // namespace diffode
