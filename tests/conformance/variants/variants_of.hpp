// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/subject.hpp"

#include <vector>

namespace diffode_test {

/// Options of a method that are worth running the whole suite for. A method that is not named in this folder is run with
/// its defaults.
template <class M>
void add_variants(std::vector<subject>&) {}

}  // namespace diffode_test
