// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/level.hpp"

#include <concepts>

namespace diffode {

/// cx*x + cf*F: how a prediction is made from the state x and what the model returned, F.
template <coefficient R>
struct affine {
  R cx, cf;
};

/// What a model's output means.
///
/// Required   `x0(at)`           the affine map from (x, F) to the clean data
///            `eps(at)`          the affine map from (x, F) to the noise; the two agree: x = alpha*x0 + sigma*eps
/// Optional   `input_scale(at)`  the model is shown input_scale*x; left out, 1
///            `label(at)`        what the model is told; left out, `at.label`
///            `check()`          nothing, or why its own numbers are wrong
///            all but check for level<double> and level<lanes>
/// Models     eps_model, x0_model, v_model, flow_model, score_model, edm_model, vp_input
/// Your own   a struct with these members; methods never see it
template <class P>
concept parameterisation = requires(const P p, const level<>& at, const level<lanes>& at_lanes) {
  { p.x0(at) } -> std::same_as<affine<double>>;
  { p.eps(at) } -> std::same_as<affine<double>>;
  { p.x0(at_lanes) } -> std::same_as<affine<lanes>>;
  { p.eps(at_lanes) } -> std::same_as<affine<lanes>>;
};

/// By how much the state is scaled before a model sees it, and what the model is told.
template <parameterisation P, coefficient R>
R input_scale_of(const P& p, const level<R>& at) {
  if constexpr (requires { p.input_scale(at); }) return p.input_scale(at);
  else return 1;
}
template <parameterisation P, coefficient R>
R label_of(const P& p, const level<R>& at) {
  if constexpr (requires { p.label(at); }) return p.label(at);
  else return at.label;
}

}  // namespace diffode
