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
///            `input_scale(at)`  the model is shown input_scale*x
///            `label(at)`        what the model is told, usually `at.label`
///            each for level<double> and level<lanes>
/// Optional   `check()`          nothing, or why its own numbers are wrong
/// Models     eps_model, x0_model, v_model, flow_model, score_model, edm_model, vp_input
/// Your own   a struct with these members; methods never see it
template <class P>
concept parameterisation = requires(const P p, const level<>& at, const level<lanes>& at_lanes) {
  { p.x0(at) } -> std::same_as<affine<double>>;
  { p.eps(at) } -> std::same_as<affine<double>>;
  { p.input_scale(at) } -> std::same_as<double>;
  { p.label(at) } -> std::same_as<double>;
  { p.x0(at_lanes) } -> std::same_as<affine<lanes>>;
  { p.eps(at_lanes) } -> std::same_as<affine<lanes>>;
  { p.input_scale(at_lanes) } -> std::same_as<lanes>;
  { p.label(at_lanes) } -> std::same_as<lanes>;
};

}  // namespace diffode
