// SPDX-License-Identifier: MIT
#include "solvers.hpp"

namespace goldens {

namespace {

diffode::sde_dpmpp read_sde(fields& options, problem& p, int order) {
  need_space(p, "ve");
  diffode::sde_dpmpp how{.p = order, .eta = options.number("eta"), .weights = diffode::curvature::published,
                         .s_noise = options.number("s_noise", 1)};
  if (order == 3) how.form = diffode::slope::heun;
  else {
    const std::string form = options.text("solver_type", "midpoint");
    if (form != "midpoint" && form != "heun") refuse(options, "solver_type", form, "midpoint or heun");
    how.form = form == "heun" ? diffode::slope::heun : diffode::slope::midpoint;
  }
  read_common(options, p);
  options.done();
  return how;
}

outcome solve_2m_sde(fields options, fields&, problem& p) { return run(read_sde(options, p, 2), p); }
outcome solve_3m_sde(fields options, fields&, problem& p) { return run(read_sde(options, p, 3), p); }

}  // namespace

std::span<const named_rule> exponential_sde_rules() {
  static constexpr named_rule all[] = {{"dpmpp_2m_sde", solve_2m_sde}, {"dpmpp_3m_sde", solve_3m_sde}};
  return all;
}

}  // namespace goldens
