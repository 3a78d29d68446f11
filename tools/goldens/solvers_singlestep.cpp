// SPDX-License-Identifier: MIT
#include "solvers.hpp"

#include <algorithm>

namespace goldens {

namespace {

using diffode::prediction;

/// Which prediction an algorithm integrates, and whether it adds noise.
struct algorithm {
  prediction target;
  bool noisy;
};

algorithm read_algorithm(fields& options) {
  const std::string name = options.text("algorithm");
  if (name == "dpmsolver") return {prediction::eps, false};
  if (name == "dpmsolver++") return {prediction::x0, false};
  if (name == "sde-dpmsolver++") return {prediction::x0, true};
  refuse(options, "algorithm", name, "dpmsolver, dpmsolver++ or sde-dpmsolver++");
}

int highest(const std::vector<int>& orders) { return *std::max_element(orders.begin(), orders.end()); }

/// One ratio a step; a step that does not use it has any that is allowed.
std::vector<double> read_ratios(fields& options, std::string_view key, const problem& p, double unused) {
  std::vector<double> ratios;
  for (const std::optional<double>& given : options.numbers_or_null(key)) ratios.push_back(given.value_or(unused));
  if (ratios.size() != p.levels.steps())
    refuse(options, key, std::to_string(ratios.size()) + " long", std::to_string(p.levels.steps()) + " entries");
  return ratios;
}

outcome solve_singlestep(fields options, fields&, problem& p) {
  const algorithm what = read_algorithm(options);
  if (what.noisy) throw unavailable("solver dpm_singlestep with noise");
  diffode::singlestep how{.form = read_form(options), .target = what.target};
  const std::vector<int> orders = read_orders(options, p, 3);
  how.p = highest(orders);
  how.ends = diffode::ramp::given(orders);
  how.r1 = read_ratios(options, "r1", p, 0.5);
  how.r2 = read_ratios(options, "r2", p, 1);
  read_common(options, p);
  options.done();
  return run(how, p);
}

outcome solve_chained(fields options, fields&, problem& p) {
  const algorithm what = read_algorithm(options);
  // With noise as diffusers has it; see the method's documentation.
  diffode::singlestep_chained how{.form = read_form(options), .eta = what.noisy ? 1. : 0., .redrawn = what.noisy, .target = what.target};
  const std::vector<int> orders = read_orders(options, p, 3);
  how.p = highest(orders);
  how.flipped = what.noisy && how.p == 3 && how.form == diffode::slope::heun;
  how.ends = diffode::ramp::given(orders);
  read_common(options, p);
  options.done();
  return run(how, p);
}

outcome solve_dpm2(fields options, fields&, problem& p) {
  need_space(p, "ve");
  read_plain(options, p);
  return run(diffode::dpm2{}, p);
}

outcome solve_dpm2_r(fields options, fields&, problem& p) {
  need_space(p, "ve");
  const diffode::dpm2 how{.r = options.number("r")};
  read_plain(options, p);
  return run(how, p);
}

}  // namespace

std::span<const named_rule> singlestep_rules() {
  static constexpr named_rule all[] = {{"dpm_singlestep", solve_singlestep}, {"dpm_singlestep_chained", solve_chained},
                                       {"dpm2", solve_dpm2}, {"dpm2_r", solve_dpm2_r}};
  return all;
}

}  // namespace goldens
