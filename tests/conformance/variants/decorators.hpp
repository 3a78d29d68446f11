// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method.hpp"

#include <vector>

namespace diffode_test {

template <>
inline void add_variants<diffode::unic<diffode::dpmpp_2m>>(std::vector<subject>& all) {
  using namespace diffode;
  const dpmpp_3m published{.weights = curvature::published};
  all.push_back(subject_of(unic<ddim>{}, "ddim"));
  all.push_back(subject_of(unic<ddim>{.p = 3}, "ddim, p = 3"));
  all.push_back(subject_of(unic<heun>{}, "heun"));
  all.push_back(subject_of(unic<dpmpp_2m>{.p = 3}, "dpmpp_2m, p = 3"));
  all.push_back(subject_of(unic<dpmpp_2m>{.predictor = {.target = prediction::eps}}, "dpmpp_2m, target eps"));
  all.push_back(subject_of(unic<dpmpp_3m>{}, "dpmpp_3m"));
  all.push_back(subject_of(unic<dpmpp_3m>{.predictor = published, .p = 3}, "dpmpp_3m published, p = 3"));
}

template <>
inline void add_variants<diffode::warm_start<diffode::heun, diffode::dpmpp_3m>>(std::vector<subject>& all) {
  using namespace diffode;
  const unipc corrected{.ends = ramp::full()}, four{.p = 4, .corrector = false, .ends = ramp::full()};
  const singlestep three_stages{.p = 3};
  all.push_back(subject_of(warm_start<heun, dpmpp_2m>{}, "heun, dpmpp_2m"));
  all.push_back(subject_of(warm_start<heun, unipc>{.then = corrected}, "heun, unipc, ramp::full"));
  all.push_back(subject_of(warm_start<singlestep, unipc>{.first = three_stages, .then = four}, "singlestep p = 3, unipc p = 4, no corrector"));
  all.push_back(subject_of(warm_start<singlestep, lms>{.first = three_stages}, "singlestep p = 3, lms"));
  all.push_back(subject_of(warm_start<heun, unic<dpmpp_2m>>{.then = {.ends = ramp::full()}}, "heun, unic over dpmpp_2m, ramp::full"));
}

template <>
inline void add_variants<diffode::dual_fast<diffode::ddim>>(std::vector<subject>& all) {
  using namespace diffode;
  const dpmpp_2m noise_form{.target = prediction::eps};
  // So strong that what it adds to the error is what is left of it at the numbers of steps from which orders are read.
  const dual_strength strong = dual_strength::constant(0.5);
  all.push_back(subject_of(dual_fast<ddim>{.strength = dual_strength::constant(0.25)}, "c = 0.25"));
  all.push_back(subject_of(dual_fast<ddim>{.reading = dual_reading::explicit_term}, "explicit_term"));
  all.push_back(subject_of(dual_fast<ddim>{.from = dual_from::first}, "from the first step"));
  all.push_back(subject_of(dual_fast<singlestep>{.strength = strong}, "singlestep, c = 0.5"));
  all.push_back(subject_of(dual_fast<dpmpp_2m>{.strength = strong}, "dpmpp_2m, c = 0.5"));
  all.push_back(subject_of(dual_fast<dpmpp_2m>{.inner = noise_form, .strength = strong}, "dpmpp_2m, target eps, c = 0.5"));
  all.push_back(subject_of(dual_fast<dpmpp_3m>{.strength = strong}, "dpmpp_3m, c = 0.5"));
  all.push_back(subject_of(dual_fast<unipc>{.strength = strong}, "unipc, c = 0.5"));
}

}  // namespace diffode_test
