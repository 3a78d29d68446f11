// SPDX-License-Identifier: MIT
#include "solvers.hpp"

#include <algorithm>

namespace goldens {

namespace {

using diffode::prediction;

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

outcome solve_unipc(fields options, fields&, problem& p) {
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

}  // namespace

std::span<const named_rule> unipc_rules() {
  static constexpr named_rule all[] = {{"unipc", solve_unipc}};
  return all;
}

}  // namespace goldens
