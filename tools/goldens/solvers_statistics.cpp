// SPDX-License-Identifier: MIT
#include "solvers.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace goldens {

namespace {

/// The statistics of a case; where it says so, those of data prediction on the same lambdas.
diffode::model_statistics read_statistics(fields from, bool degenerated) {
  const std::vector<double> lambda = from.numbers("lambda");
  samples l = from.batch("l"), s = from.batch("s"), b = from.batch("b");
  from.done();
  if (degenerated)
    for (std::size_t i = 0; i < l.values.size(); ++i) l.values[i] = 1, s.values[i] = b.values[i] = 0;
  return diffode::model_statistics::make({.lambda = lambda, .l = l.values, .s = s.values, .b = b.values});
}

/// The grid lies on the lambdas that the reference took it to lie on.
void check_indexes(fields& options, const problem& p, const diffode::model_statistics& statistics) {
  std::vector<int> found;
  for (const diffode::level<>& at : p.levels) found.push_back(static_cast<int>(statistics.nearest(at.lambda)));
  if (found != options.integers("indexes")) refuse(options, "indexes", "not where the grid is", "the nearest lambdas of statistics");
}

outcome solve_dpm_v3(fields options, fields& top, problem& p) {
  diffode::dpm_v3 how{.statistics = read_statistics(top.object("statistics"), options.flag("degenerated"))};
  how.p = options.integer("order");
  how.pseudo = options.flag("p_pseudo");
  const bool corrects = options.flag("use_corrector"), pseudo = options.flag("c_pseudo");
  how.corrector = !corrects ? diffode::v3_corrector::none : pseudo ? diffode::v3_corrector::pseudo : diffode::v3_corrector::same_order;
  if (options.flag("half")) how.corrected_above = 0.5;
  how.ends = options.flag("lower_order_final") ? diffode::ramp::lowered() : diffode::ramp::full();
  check_indexes(options, p, how.statistics);
  for (const char* how_the_grid_was_made : {"skip_type", "t_start", "t_end", "schedule"}) options.skip(how_the_grid_was_made);
  read_common(options, p);
  options.done();
  return run(how, diffode::fixed<diffode::lanes>(p.levels, {.stride = 1, .count = how.statistics.columns()}), p);
}

}  // namespace

std::span<const named_rule> statistics_rules() {
  static constexpr named_rule all[] = {{"dpm_solver_v3", solve_dpm_v3}};
  return all;
}

}  // namespace goldens
