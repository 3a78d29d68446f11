// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/prediction.hpp"
#include "diffode/tape/recorder.hpp"

namespace diffode {

/// The noise of the stochastic equation of core/stochastic.hpp between two levels, unit normal: an increment of the one
/// path that drives the run, for sources that know paths.
///
/// The clock is e^(2 tau^2 lambda) in data form, which carries noise over a step by sigma_t/sigma_s e^(-tau^2 h), and
/// (sigma/alpha)^2, running backwards, in noise form, which carries it by alpha_t/alpha_s.
/// Errors  a step towards noise is refused when planned
template <coefficient R>
value increment(recorder<R>& r, prediction form, double tau2, const level<R>& from, const level<R>& to) {
  if (!every([](double h) { return h >= 0; }, R(to.lambda - from.lambda)))
    r.refuse(detail::text("eta is ", tau2, " on a step towards noise, needs 0: noise is drawn anew only where some is taken away"));
  return form == prediction::x0 ? r.noise(from.lambda * (2 * tau2), to.lambda * (2 * tau2)) : r.noise(to.lambda * -2, from.lambda * -2);
}

}  // namespace diffode
