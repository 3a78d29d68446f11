// SPDX-License-Identifier: MIT
#pragma once

#include "trajectory.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace goldens {

/// Runs one solver of the golden data: options are its own, top is the rest of the case (for `attempts`, `coefficients`,
/// `statistics`: what a rule does not ask for is then refused).
using rule = outcome (*)(fields options, fields& top, problem& p);

struct named_rule {
  std::string_view solver;
  rule solve;
};

// The solvers of each family, a file each.
std::span<const named_rule> first_order_rules();
std::span<const named_rule> multistep_rules();
std::span<const named_rule> unipc_rules();
std::span<const named_rule> singlestep_rules();
std::span<const named_rule> adams_rules();
std::span<const named_rule> stochastic_rules();
std::span<const named_rule> exponential_sde_rules();
std::span<const named_rule> adaptive_rules();
std::span<const named_rule> statistics_rules();

[[noreturn]] void refuse(const fields& options, std::string_view key, const std::string& value, const std::string& needs);
void need_space(const problem& p, const char* needs);

/// Options that any solver may have: what happens to x0, and whether one more evaluation ends the run.
void read_common(fields& options, problem& p);
/// Clipping of the predicted x0.
void read_clip(fields& options, problem& p);
/// Options of solvers in sigma: a first slope without an evaluation, and what any solver may have. Nothing else may follow.
void read_plain(fields& options, problem& p);
/// One order for each step of the grid, each at most `most`.
std::vector<int> read_orders(fields& options, const problem& p, int most);
/// Which of two formulas: "midpoint" or "heun".
diffode::slope read_form(fields& options);

}  // namespace goldens
