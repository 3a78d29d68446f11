// SPDX-License-Identifier: MIT
#pragma once

#include "case_run.hpp"
#include "compare.hpp"
#include "fields.hpp"

#include <string_view>

namespace goldens {

/// Runs one case of family "trajectory".
/// Errors  wrong_case, unavailable, diffode::error
void check_trajectory(fields top, const closeness& close);

/// Whether the library has this solver.
bool has_solver(std::string_view solver);

/// Reads the options of p.solver, one that the library has, lets the library run it, and says what came of it.
/// top     the rest of the case, where some solvers find more
/// Errors  unavailable where the library does not have it with these options
outcome solve(fields options, fields& top, problem& p);

}  // namespace goldens
