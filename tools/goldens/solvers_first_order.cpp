// SPDX-License-Identifier: MIT
#include "solvers.hpp"

namespace goldens {

namespace {

outcome solve_ddim(fields options, fields&, problem& p) {
  const diffode::ddim how{.eta = options.number("eta", 0),
                          .rederive_noise = options.flag("use_clipped_model_output", false)};
  read_common(options, p);
  read_clip(options, p);
  options.done();
  return run(how, p);
}

outcome solve_ddim_inverse(fields options, fields&, problem& p) {
  read_common(options, p);
  read_clip(options, p);
  options.done();
  return run(diffode::ddim{}, p);
}

outcome solve_euler(fields options, fields&, problem& p) {
  need_space(p, "ve");
  read_plain(options, p);
  return run(diffode::euler{}, p);
}

outcome solve_heun(fields options, fields&, problem& p) {
  need_space(p, "ve");
  read_plain(options, p);
  return run(diffode::heun{}, p);
}

outcome solve_flow_euler(fields options, fields&, problem& p) {
  need_space(p, "flow");
  read_common(options, p);
  options.done();
  return run(diffode::euler{}, p);
}

outcome solve_flow_heun(fields options, fields&, problem& p) {
  need_space(p, "flow");
  read_common(options, p);
  options.done();
  return run(diffode::heun{.along = diffode::axis::time}, p);
}

}  // namespace

std::span<const named_rule> first_order_rules() {
  static constexpr named_rule all[] = {{"ddim", solve_ddim}, {"ddim_inverse", solve_ddim_inverse}, {"euler", solve_euler}, {"heun", solve_heun},
                                       {"heun_full", solve_heun}, {"flow_euler", solve_flow_euler}, {"flow_heun", solve_flow_heun}};
  return all;
}

}  // namespace goldens
