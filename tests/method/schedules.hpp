// SPDX-License-Identifier: MIT
#pragma once

// What the tests of solver_schedule share: schedules of equal steps, grids by their lambdas, and what a refusal says.

#include "diffode/diffode.hpp"
#include "method/probe.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace diffode_test {

inline solver_schedule same_steps(const solver_step& s, int count) {
  return {.steps = std::vector<solver_step>(static_cast<std::size_t>(count), s)};
}

inline grid vp(const std::vector<double>& lambdas) { return at_lambdas(lambdas, vp_linear{}); }

inline std::string refusal(const solver_schedule& how) {
  const fault f = how.check();
  return f ? f->what() : "accepted";
}
inline std::string refusal(const solver_schedule& how, const grid& g) {
  const result<plan> made = try_compile(how, g, eps_model{});
  return made ? "accepted" : made.reason()->what();
}

}  // namespace diffode_test
