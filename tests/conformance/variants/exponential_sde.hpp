// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method.hpp"

#include <vector>

namespace diffode_test {

template <>
inline void add_variants<diffode::sde_dpmpp>(std::vector<subject>& all) {
  using diffode::sde_dpmpp;
  const auto published = diffode::curvature::published;
  all.push_back(subject_of(sde_dpmpp{.p = 1}, "p = 1"));
  all.push_back(subject_of(sde_dpmpp{.eta = 0.5, .form = diffode::slope::heun}, "eta = 0.5, slope::heun"));
  all.push_back(subject_of(sde_dpmpp{.p = 3}, "p = 3"));
  all.push_back(subject_of(sde_dpmpp{.p = 3, .eta = 0}, "p = 3, eta = 0"));
  all.push_back(subject_of(sde_dpmpp{.p = 3, .eta = 0.5, .weights = published}, "p = 3, eta = 0.5, published (legacy)"));
  all.push_back(subject_of(sde_dpmpp{.p = 3, .weights = published, .flipped = true}, "p = 3, published, flipped (legacy)"));
  all.push_back(subject_of(sde_dpmpp{.target = diffode::prediction::eps}, "target eps"));
  all.push_back(subject_of(sde_dpmpp{.p = 3, .eta = 0.5, .target = diffode::prediction::eps}, "p = 3, eta = 0.5, target eps"));
}

template <>
inline void add_variants<diffode::sa_solver<>>(std::vector<subject>& all) {
  using diffode::sa_solver;
  all.push_back(subject_of(sa_solver<>{.predictor = 3, .corrector = 4, .tau = {0}}, "3, 4, tau = 0"));
  all.push_back(subject_of(sa_solver<>{.simple = true}, "simple"));
  all.push_back(subject_of(sa_solver<>{.predictor = 3, .corrector = 4, .tau = {0.5}}, "3, 4, tau = 0.5"));
  all.push_back(subject_of(sa_solver<>{.predictor = 1, .corrector = 1}, "1, 1"));
  all.push_back(subject_of(sa_solver<>{.predictor = 3, .corrector = 0}, "3, no corrector"));
  all.push_back(subject_of(sa_solver<>{.predictor = 2, .corrector = 3, .tau = {0.5}, .target = diffode::prediction::eps}, "2, 3, tau = 0.5, target eps"));
  // The label of the suite's paths is their time: noise in the middle of each.
  all.push_back(subject_of(sa_solver<diffode::tau_between>{.tau = {.from = 0.2, .to = 0.6}}, "tau between labels"));
}

template <>
inline void add_variants<diffode::er_sde<>>(std::vector<subject>& all) {
  using diffode::er_sde, diffode::er_power;
  const auto published = diffode::curvature::published;
  all.push_back(subject_of(er_sde<>{.p = 1}, "p = 1"));
  all.push_back(subject_of(er_sde<>{.p = 2, .eta = 0.5}, "p = 2, eta = 0.5"));
  all.push_back(subject_of(er_sde<>{.weights = published}, "published (legacy)"));
  all.push_back(subject_of(er_sde<>{.eta = 0}, "eta = 0"));
  all.push_back(subject_of(er_sde<er_power>{.f = {1}}, "f(y) = y"));
  all.push_back(subject_of(er_sde<er_power>{.eta = 0.5}, "f(y) = y^2, eta = 0.5"));
  all.push_back(subject_of(er_sde<diffode::er_saturating>{}, "f(y) = y (e^(-1/y) + 10)"));
}

}  // namespace diffode_test
