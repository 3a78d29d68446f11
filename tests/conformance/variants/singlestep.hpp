// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method/singlestep.hpp"

#include <string>
#include <vector>

namespace diffode_test {

template <>
inline void add_variants<diffode::singlestep>(std::vector<subject>& all) {
  using enum diffode::slope;
  const auto noise = diffode::prediction::eps;
  all.push_back(subject_of(diffode::singlestep{.form = heun}, "slope::heun"));
  all.push_back(subject_of(diffode::singlestep{.target = noise}, "target eps"));
  all.push_back(subject_of(diffode::singlestep{.form = heun, .target = noise, .r1 = {1}}, "slope::heun, target eps, r1 = 1"));
  for (const diffode::slope form : {midpoint, heun}) {
    const std::string options = form == heun ? "p = 3, slope::heun" : "p = 3";
    all.push_back(subject_of(diffode::singlestep{.p = 3, .form = form}, options));
    all.push_back(subject_of(diffode::singlestep{.p = 3, .form = form, .target = noise}, options + ", target eps"));
    all.push_back(subject_of(diffode::singlestep{.p = 3, .form = form, .r1 = {0.5}, .r2 = {0.9}}, options + ", r1 = 0.5, r2 = 0.9"));
  }
  all.push_back(subject_of(diffode::singlestep{.p = 1}, "p = 1"));
}

}  // namespace diffode_test
