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
  const diffode::ramp ends = diffode::ramp::given(orders);
  const int most = *std::max_element(orders.begin(), orders.end());
  if (algorithm == "sde-dpmsolver" || algorithm == "sde-dpmsolver++") {
    // Of order 3 there is the data form only, with the sign of the curvature that diffusers gives it.
    const bool data = algorithm == "sde-dpmsolver++";
    return run(diffode::sde_dpmpp{.p = most, .form = form, .weights = diffode::curvature::published, .flipped = data,
                                  .target = data ? prediction::x0 : prediction::eps, .ends = ends}, p);
  }
  if (algorithm != "dpmsolver" && algorithm != "dpmsolver++")
    refuse(options, "algorithm", algorithm, "dpmsolver, dpmsolver++, sde-dpmsolver or sde-dpmsolver++");
  const prediction target = algorithm == "dpmsolver" ? prediction::eps : prediction::x0;
  if (most < 3)
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
