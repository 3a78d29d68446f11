// SPDX-License-Identifier: MIT
#pragma once

#include "compare.hpp"
#include "fields.hpp"

namespace goldens {

/// Runs one case of family "grid".
/// Errors  wrong_case, unavailable, diffode::error
void check_grid(fields top, const closeness& close);

}  // namespace goldens
