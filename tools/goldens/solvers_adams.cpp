// SPDX-License-Identifier: MIT
#include "solvers.hpp"

namespace goldens {

std::span<const named_rule> adams_rules() { return {}; }

}  // namespace goldens
