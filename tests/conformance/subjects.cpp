// SPDX-License-Identifier: MIT
#include "conformance/variants.hpp"
#include "effort.hpp"

const std::vector<diffode_test::subject>& diffode_test::all_subjects() {
  static const std::vector<subject> all = subjects_of(diffode::all_methods{});
  return all;
}

const std::vector<diffode_test::subject>& diffode_test::subjects_to_measure() {
  static const std::vector<subject> some = [] {
    std::vector<subject> first;
    for (const subject& s : all_subjects())
      if (!is_short() || first.empty() || first.back().method != s.method) first.push_back(s);
    return first;
  }();
  return some;
}
