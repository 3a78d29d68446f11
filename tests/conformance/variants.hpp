// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/adams.hpp"
#include "conformance/variants/ancestral.hpp"
#include "conformance/variants/decorators.hpp"
#include "conformance/variants/exponential_sde.hpp"
#include "conformance/variants/first_order.hpp"
#include "conformance/variants/multistep.hpp"
#include "conformance/variants/singlestep.hpp"
#include "conformance/variants/statistics.hpp"

#include <vector>

namespace diffode_test {

template <diffode::method... M>
std::vector<subject> subjects_of(diffode::type_list<M...>) {
  std::vector<subject> all;
  ((all.push_back(subject_of(M{})), add_variants<M>(all)), ...);
  return all;
}

}  // namespace diffode_test
