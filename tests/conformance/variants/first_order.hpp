// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method.hpp"

#include <string>
#include <vector>

namespace diffode_test {

template <>
inline void add_variants<diffode::ddim>(std::vector<subject>& all) {
  all.push_back(subject_of(diffode::ddim{.eta = 1}, "eta = 1"));
  all.push_back(subject_of(diffode::ddim{.eta = 0.5}, "eta = 0.5"));
  all.push_back(subject_of(diffode::ddim{.rederive_noise = true}, "rederive_noise"));
}

template <>
inline void add_variants<diffode::heun>(std::vector<subject>& all) {
  all.push_back(subject_of(diffode::heun{.along = diffode::axis::time}, "axis::time"));
}

}  // namespace diffode_test
