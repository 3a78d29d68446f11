// SPDX-License-Identifier: MIT
#include "solvers.hpp"

namespace goldens {

namespace {

/// One of the ancestral samplers of k-diffusion, in sigma.
template <diffode::method M>
outcome solve_ancestral(M inner, fields& options, problem& p) {
  need_space(p, "ve");
  const diffode::ancestral<M> how{.inner = inner, .eta = options.number("eta"), .s_noise = options.number("s_noise", 1)};
  read_plain(options, p);
  return run(how, p);
}

outcome solve_euler_ancestral(fields options, fields&, problem& p) { return solve_ancestral(diffode::euler{}, options, p); }
outcome solve_dpm2_ancestral(fields options, fields&, problem& p) { return solve_ancestral(diffode::dpm2{}, options, p); }
outcome solve_dpmpp_2s_ancestral(fields options, fields&, problem& p) { return solve_ancestral(diffode::singlestep{.p = 2}, options, p); }

outcome solve_dpmpp_sde(fields options, fields&, problem& p) {
  need_space(p, "ve");
  const diffode::dpmpp_sde how{
      .eta = options.number("eta"), .r = options.number("r", 0.5), .s_noise = options.number("s_noise", 1), .whole_increment = true};
  read_plain(options, p);
  return run(how, p);
}

template <diffode::method M>
outcome solve_churn(fields& options, problem& p) {
  need_space(p, "ve");
  const diffode::churn<M> how{.s_churn = options.number("s_churn"),
                              .s_min = options.number("s_tmin"),
                              .s_max = options.number("s_tmax"),
                              .s_noise = options.number("s_noise", 1),
                              .steps = options.integer("churn_steps", 0)};
  read_plain(options, p);
  return run(how, p);
}

outcome solve_euler_churn(fields options, fields&, problem& p) { return solve_churn<diffode::euler>(options, p); }
outcome solve_heun_churn(fields options, fields&, problem& p) { return solve_churn<diffode::heun>(options, p); }

outcome solve_ddpm(fields options, fields&, problem& p) {
  diffode::ddpm how;
  const std::string variance = options.text("variance");
  if (variance == "fixed_large") how.variance = diffode::ddpm_variance::fixed_large;
  else if (variance != "fixed_small") refuse(options, "variance", variance, "fixed_small or fixed_large");
  read_common(options, p);
  read_clip(options, p);
  options.done();
  return run(how, p);
}

outcome solve_flow_euler_stochastic(fields options, fields&, problem& p) {
  need_space(p, "flow");
  read_common(options, p);
  options.done();
  return run(diffode::lcm{}, p);
}

}  // namespace

std::span<const named_rule> stochastic_rules() {
  static constexpr named_rule all[] = {{"euler_ancestral", solve_euler_ancestral},
                                       {"dpm2_ancestral", solve_dpm2_ancestral},
                                       {"dpmpp_2s_ancestral", solve_dpmpp_2s_ancestral},
                                       {"dpmpp_sde", solve_dpmpp_sde},
                                       {"euler_churn", solve_euler_churn},
                                       {"heun_churn", solve_heun_churn},
                                       {"ddpm", solve_ddpm},
                                       {"flow_euler_stochastic", solve_flow_euler_stochastic}};
  return all;
}

}  // namespace goldens
