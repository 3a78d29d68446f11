// SPDX-License-Identifier: MIT
#include "solvers.hpp"

#include <algorithm>
#include <utility>

namespace goldens {

void refuse(const fields& options, std::string_view key, const std::string& value,
                         const std::string& needs) {
  throw wrong_case(options.name(key) + " is " + value + ", needs " + needs);
}

void need_space(const problem& p, const char* needs) {
  if (p.space != needs) throw wrong_case("space is " + p.space + ", solver " + p.solver + " needs " + needs);
}

void read_common(fields& options, problem& p) {
  p.options.denoise_at_end = options.flag("denoise_to_zero", false);
  if (!options.has("dynamic_threshold")) return;
  fields from = options.object("dynamic_threshold");
  const double most = from.number("max_value");
  diffode::dynamic_threshold limit;
  limit.ratio = from.number("ratio");
  limit.least = most;
  if (const std::string cut = from.text("rule", "from_below"); cut == "clamped") {
    limit.least = std::min(1.0, most);
    limit.most = most;
  } else if (cut != "from_below") refuse(from, "rule", cut, "clamped, or nothing");
  from.done();
  p.limit = any_limit{limit};
}

void read_clip(fields& options, problem& p) {
  if (options.has("clip_range") && !p.limit) p.limit = any_limit{diffode::clip{options.number("clip_range")}};
}

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

void read_plain(fields& options, problem& p) {
  p.options.analytical_first = options.flag("afs", false);
  read_common(options, p);
  options.done();
}

diffode::slope read_form(fields& options) {
  const std::string form = options.text("form", "midpoint");
  if (form == "midpoint") return diffode::slope::midpoint;
  if (form == "heun") return diffode::slope::heun;
  refuse(options, "form", form, "midpoint or heun");
}

namespace {

rule find_rule(std::string_view solver) {
  for (const auto rules : {first_order_rules(), multistep_rules(), unipc_rules(), singlestep_rules(), adams_rules(), stochastic_rules(),
                           exponential_sde_rules(), adaptive_rules(), statistics_rules()})
    for (const named_rule& known : rules)
      if (known.solver == solver) return known.solve;
  return nullptr;
}

}  // namespace

bool has_solver(std::string_view solver) { return find_rule(solver) != nullptr; }

outcome solve(fields options, fields& top, problem& p) { return find_rule(p.solver)(std::move(options), top, p); }

}  // namespace goldens
