// SPDX-License-Identifier: MIT
#include "conformance/variants.hpp"

const std::vector<diffode_test::subject>& diffode_test::all_subjects() {
  static const std::vector<subject> all = subjects_of(diffode::all_methods{});
  return all;
}
