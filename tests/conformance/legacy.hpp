// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/subject.hpp"
#include "diffode/method.hpp"

#include <vector>

namespace diffode_test {

/// Legacy weights that do not keep constants on every grid: they are in no list of methods, and are held to the rest of
/// the suite. On levels equidistant in lambda they do keep them.
inline std::vector<subject> legacy_subjects() {
  return {subject_of(diffode::dpmpp_2m_v2{}, "(legacy)"), subject_of(diffode::ipndm{.p = 4, .weights = diffode::adams::ipndm_v}, "p = 4, ipndm_v (legacy)")};
}

}  // namespace diffode_test
