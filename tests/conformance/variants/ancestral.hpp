// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method.hpp"

#include <vector>

namespace diffode_test {

template <>
inline void add_variants<diffode::ancestral<diffode::euler>>(std::vector<subject>& all) {
  using diffode::ancestral, diffode::dpm2, diffode::heun, diffode::singlestep;
  all.push_back(subject_of(ancestral<diffode::euler>{.eta = 0}, "eta = 0"));
  all.push_back(subject_of(ancestral<diffode::euler>{.eta = 0.5}, "eta = 0.5"));
  all.push_back(subject_of(ancestral<diffode::euler>{.rule = diffode::descent::flow_time}, "descent::flow_time"));
  all.push_back(subject_of(ancestral<heun>{}, "of heun"));
  all.push_back(subject_of(ancestral<heun>{.eta = 0}, "of heun, eta = 0"));
  all.push_back(subject_of(ancestral<dpm2>{}, "of dpm2"));
  all.push_back(subject_of(ancestral<singlestep>{}, "of singlestep"));
  all.push_back(subject_of(ancestral<singlestep>{.inner = {.p = 3}}, "of singlestep, p = 3"));
}

template <>
inline void add_variants<diffode::churn<diffode::heun>>(std::vector<subject>& all) {
  using diffode::churn, diffode::euler;
  all.push_back(subject_of(churn<diffode::heun>{.s_churn = 0}, "s_churn = 0"));
  all.push_back(subject_of(churn<diffode::heun>{.s_churn = 6, .s_min = 0.1, .s_max = 10, .s_noise = 1.003}, "s_churn = 6, in a range"));
  all.push_back(subject_of(churn<euler>{}, "of euler"));
}

template <>
inline void add_variants<diffode::dpmpp_sde>(std::vector<subject>& all) {
  using diffode::dpmpp_sde;
  all.push_back(subject_of(dpmpp_sde{.eta = 0}, "eta = 0"));
  all.push_back(subject_of(dpmpp_sde{.eta = 0.5, .r = 0.3}, "eta = 0.5, r = 0.3"));
}

// ddpm with fixed_large holds more noise than its levels say, on purpose, and lcm with skip weights more of the state: the
// suite, which holds the ends of runs to the levels, is not for them (tests/method/ddpm.cpp, tests/method/lcm.cpp are).

template <>
inline void add_variants<diffode::tcd>(std::vector<subject>& all) {
  all.push_back(subject_of(diffode::tcd{.gamma = 0}, "gamma = 0"));
  all.push_back(subject_of(diffode::tcd{.gamma = 1}, "gamma = 1"));
}

}  // namespace diffode_test
