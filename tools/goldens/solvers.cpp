// SPDX-License-Identifier: MIT
#include "trajectory.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace goldens {

namespace {

using diffode::prediction;

[[noreturn]] void refuse(const fields& options, std::string_view key, const std::string& value,
                         const std::string& needs) {
  throw wrong_case(options.name(key) + " is " + value + ", needs " + needs);
}

void need_space(const problem& p, const char* needs) {
  if (p.space != needs) throw wrong_case("space is " + p.space + ", solver " + p.solver + " needs " + needs);
}

/// Options that any solver may have: what happens to x0, and whether one more evaluation ends the run.
void read_common(fields& options, problem& p) {
  p.options.denoise_at_end = options.flag("denoise_to_zero", false);
  if (!options.has("dynamic_threshold")) return;
  fields from = options.object("dynamic_threshold");
  const double most = from.number("max_value");
  diffode::dynamic_threshold limit;
  limit.ratio = from.number("ratio");
  limit.least = most;
  if (const std::string rule = from.text("rule", "from_below"); rule == "clamped") {
    limit.least = std::min(1.0, most);
    limit.most = most;
  } else if (rule != "from_below") refuse(from, "rule", rule, "clamped, or nothing");
  from.done();
  p.limit = any_limit{limit};
}

void read_clip(fields& options, problem& p) {
  if (options.has("clip_range") && !p.limit) p.limit = any_limit{diffode::clip{options.number("clip_range")}};
}

/// One order for each step of the grid, each at most `most`.
std::vector<int> read_orders(fields& options, const problem& p, int most) {
  std::vector<int> orders = options.integers("step_orders");
  if (orders.size() != p.levels.steps())
    refuse(options, "step_orders", std::to_string(orders.size()) + " long",
           std::to_string(p.levels.steps()) + " orders");
  for (const int order : orders)
    if (order < 1 || order > most)
      refuse(options, "step_orders", std::to_string(order), "1 to " + std::to_string(most));
  // How the reference arrived at these orders.
  options.skip("order");
  options.skip("lower_order_final");
  return orders;
}

outcome solve_ddim(fields options, problem& p) {
  const diffode::ddim how{.eta = options.number("eta", 0),
                          .rederive_noise = options.flag("use_clipped_model_output", false)};
  read_common(options, p);
  read_clip(options, p);
  options.done();
  return run(how, p);
}

outcome solve_ddim_inverse(fields options, problem& p) {
  read_common(options, p);
  read_clip(options, p);
  options.done();
  return run(diffode::ddim{}, p);
}

/// Solvers whose only options are a first slope without an evaluation and a last evaluation.
void read_plain(fields& options, problem& p) {
  const bool analytical_first = options.flag("afs", false);
  read_common(options, p);
  options.done();
  if (analytical_first) throw unavailable("solver " + p.solver + " with afs");
}

outcome solve_euler(fields options, problem& p) {
  need_space(p, "ve");
  read_plain(options, p);
  return run(diffode::euler{}, p);
}

outcome solve_heun(fields options, problem& p) {
  need_space(p, "ve");
  read_plain(options, p);
  return run(diffode::heun{}, p);
}

outcome solve_flow_euler(fields options, problem& p) {
  need_space(p, "flow");
  read_common(options, p);
  options.done();
  return run(diffode::euler{}, p);
}

outcome solve_flow_heun(fields options, problem& p) {
  need_space(p, "flow");
  read_common(options, p);
  options.done();
  return run(diffode::heun{.along = diffode::axis::time}, p);
}

diffode::slope read_form(fields& options) {
  const std::string form = options.text("form", "midpoint");
  if (form == "midpoint") return diffode::slope::midpoint;
  if (form == "heun") return diffode::slope::heun;
  refuse(options, "form", form, "midpoint or heun");
}

outcome solve_dpm_multistep(fields options, problem& p) {
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

/// Points of the grid that no corrector touches: step i leads to point i + 1.
std::vector<int> read_uncorrected(fields& options, const problem& p) {
  const std::vector<bool> corrects = options.flags("use_corrector");
  const std::size_t n = p.levels.steps();
  if (corrects.size() != n)
    refuse(options, "use_corrector", std::to_string(corrects.size()) + " long", std::to_string(n) + " entries");
  if (corrects.back())
    refuse(options, "use_corrector", "true at the last step", "false there: nothing is evaluated at the end");
  std::vector<int> points;
  for (std::size_t i = 0; i < n; ++i)
    if (!corrects[i]) points.push_back(static_cast<int>(i) + 1);
  return points;
}

outcome solve_unipc(fields options, problem& p) {
  diffode::unipc how;
  const std::string variant = options.text("variant");
  if (variant == "bh1") how.form = diffode::unified::bh1;
  else if (variant == "bh2") how.form = diffode::unified::bh2;
  else if (variant == "vary_coeff") how.form = diffode::unified::vary_coeff;
  else refuse(options, "variant", variant, "bh1, bh2 or vary_coeff");
  how.target = options.flag("predict_x0") ? prediction::x0 : prediction::eps;
  const std::vector<int> orders = read_orders(options, p, 4);
  how.p = *std::max_element(orders.begin(), orders.end());
  how.ends = diffode::ramp::given(orders);
  how.uncorrected = read_uncorrected(options, p);
  read_common(options, p);
  options.done();
  return run(how, p);
}

using rule = outcome (*)(fields, problem&);

rule find_rule(std::string_view solver) {
  static const std::map<std::string_view, rule> known = {
      {"ddim", solve_ddim},           {"ddim_inverse", solve_ddim_inverse},
      {"euler", solve_euler},         {"heun", solve_heun},
      {"heun_full", solve_heun},      {"flow_euler", solve_flow_euler},
      {"flow_heun", solve_flow_heun}, {"dpm_multistep", solve_dpm_multistep},
      {"unipc", solve_unipc}};
  const auto found = known.find(solver);
  return found == known.end() ? nullptr : found->second;
}

}  // namespace

bool has_solver(std::string_view solver) { return find_rule(solver) != nullptr; }

outcome solve(fields options, problem& p) { return find_rule(p.solver)(std::move(options), p); }

}  // namespace goldens
