// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method.hpp"

#include <string>
#include <vector>

namespace diffode_test {

template <>
inline void add_variants<diffode::dpmpp_2m>(std::vector<subject>& all) {
  using enum diffode::slope;
  const auto noise = diffode::prediction::eps;
  all.push_back(subject_of(diffode::dpmpp_2m{.form = heun}, "slope::heun"));
  all.push_back(subject_of(diffode::dpmpp_2m{.target = noise}, "target eps"));
  all.push_back(subject_of(diffode::dpmpp_2m{.form = heun, .target = noise}, "slope::heun, target eps"));
  all.push_back(subject_of(diffode::dpmpp_2m{.ends = diffode::ramp::lowered()}, "ramp::lowered"));
}

template <>
inline void add_variants<diffode::dpmpp_3m>(std::vector<subject>& all) {
  const auto noise = diffode::prediction::eps;
  const auto published = diffode::curvature::published;
  all.push_back(subject_of(diffode::dpmpp_3m{.weights = published}, "published (legacy)"));
  all.push_back(subject_of(diffode::dpmpp_3m{.target = noise}, "target eps"));
  all.push_back(subject_of(diffode::dpmpp_3m{.weights = published, .target = noise}, "published, target eps (legacy)"));
}

template <>
inline void add_variants<diffode::unipc>(std::vector<subject>& all) {
  using enum diffode::unified;
  const struct {
    diffode::unified form;
    const char* name;
  } forms[] = {{bh1, "bh1"}, {bh2, "bh2"}, {exact, "exact"}};
  for (int p = 1; p <= 4; ++p)
    for (const auto& f : forms) {
      const std::string options = "p = " + std::to_string(p) + ", " + f.name;
      if (p != 2 || f.form != bh2) all.push_back(subject_of(diffode::unipc{.p = p, .form = f.form}, options));
      all.push_back(subject_of(diffode::unipc{.p = p, .form = f.form, .target = diffode::prediction::eps}, options + ", target eps"));
    }
  all.push_back(subject_of(diffode::unipc{.p = 3, .corrector = false}, "p = 3, bh2, no corrector"));
  all.push_back(subject_of(diffode::unipc{.p = 2, .form = vary_coeff}, "p = 2, vary_coeff (legacy)"));
}

}  // namespace diffode_test
