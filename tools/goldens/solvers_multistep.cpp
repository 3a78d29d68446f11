// SPDX-License-Identifier: MIT
#include "solvers.hpp"

#include <algorithm>

namespace goldens {

namespace {

using diffode::prediction;

outcome solve_dpm_multistep(fields options, fields&, problem& p) {
  const std::string algorithm = options.text("algorithm");
  const diffode::slope form = read_form(options);
  const std::vector<int> orders = read_orders(options, p, 3);
  read_common(options, p);
  options.done();
  if (algorithm == "sde-dpmsolver" || algorithm == "sde-dpmsolver++")
    throw unavailable("solver dpm_multistep with algorithm " + algorithm);
  if (algorithm != "dpmsolver" && algorithm != "dpmsolver++")
    refuse(options, "algorithm", algorithm, "dpmsolver, dpmsolver++, sde-dpmsolver or sde-dpmsolver++");
  const prediction target = algorithm == "dpmsolver" ? prediction::eps : prediction::x0;
  const diffode::ramp ends = diffode::ramp::given(orders);
  if (*std::max_element(orders.begin(), orders.end()) < 3)
    return run(diffode::dpmpp_2m{.form = form, .target = target, .ends = ends}, p);
  return run(diffode::dpmpp_3m{.weights = diffode::curvature::published, .form = form, .target = target, .ends = ends},
             p);
}

}  // namespace

std::span<const named_rule> multistep_rules() {
  static constexpr named_rule all[] = {{"dpm_multistep", solve_dpm_multistep}};
  return all;
}

}  // namespace goldens
