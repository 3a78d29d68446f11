// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/coefficient.hpp"

#include <cmath>
#include <span>
#include <vector>

namespace diffode {

/// A point of the noise path x = alpha*x0 + sigma*eps.
///
/// Units   alpha, sigma >= 0, not both 0;  lambda = log(alpha/sigma) in nats (half the log of the signal-to-noise
///         ratio), -inf where alpha = 0, +inf where sigma = 0;  t in the schedule's own time
/// label   what the model is told at this point. Methods never read it; it travels with the level so that what the
///         model hears can not drift from what the method integrates.
template <coefficient R = double>
struct level {
  R t{}, alpha{}, sigma{}, lambda{};
  R label{};
};

/// The level (alpha, sigma) at time t, told to the model as t.
inline level<> make_level(double t, double alpha, double sigma) {
  return {t, alpha, sigma, std::log(alpha) - std::log(sigma), t};
}

/// rho = sigma/alpha, the "sigma" of k-diffusion, EDM and diffusers; +inf where alpha = 0.
template <coefficient R>
R rho(const level<R>& at) {
  return at.sigma / at.alpha;
}

/// One level per lane, side by side.
inline level<lanes> join(std::span<const level<>> each) {
  std::vector<double> column[5];
  for (const level<>& l : each) {
    const double field[5] = {l.t, l.alpha, l.sigma, l.lambda, l.label};
    for (int k = 0; k < 5; ++k) column[k].push_back(field[k]);
  }
  return {lanes(column[0]), lanes(column[1]), lanes(column[2]), lanes(column[3]), lanes(column[4])};
}

/// The level that one lane is at.
template <coefficient R>
level<> lane(const level<R>& at, std::size_t i) {
  return {lane(at.t, i), lane(at.alpha, i), lane(at.sigma, i), lane(at.lambda, i), lane(at.label, i)};
}

}  // namespace diffode
