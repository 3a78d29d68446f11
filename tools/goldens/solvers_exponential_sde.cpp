// SPDX-License-Identifier: MIT
#include "solvers.hpp"

namespace goldens {

std::span<const named_rule> exponential_sde_rules() { return {}; }

}  // namespace goldens
