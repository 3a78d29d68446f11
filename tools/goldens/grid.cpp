// SPDX-License-Identifier: MIT
#include "grid.hpp"

#include "grid_kinds.hpp"

#include <map>

namespace goldens {

void check_grid(fields top, const closeness& close) {
  using check = void (*)(fields, fields, const closeness&, const std::string&);
  static const std::map<std::string_view, check> known = {{"noise_table", check_noise_table},
                                                          {"scheduler", check_scheduler},
                                                          {"vp_functions", check_vp_functions},
                                                          {"vp_time_steps", check_vp_time_steps},
                                                          {"vp_singlestep_plan", check_vp_singlestep_plan},
                                                          {"statistics_grid", check_statistics_grid},
                                                          {"deis_time_steps", check_deis_time_steps},
                                                          {"sigma_function", check_sigma_function},
                                                          {"discrete_sigma_map", check_discrete_sigma_map},
                                                          {"edm_steps", check_edm_steps},
                                                          {"edm_ablation_steps", check_edm_ablation_steps},
                                                          {"diff_sampler_schedule", check_diff_sampler_schedule}};
  top.skip("id");
  top.skip("note");
  const std::string kind = top.text("kind");
  const fields input = top.object("input"), output = top.object("output");
  std::string package;
  if (top.has("source")) package = top.object("source").text("package", "");
  top.done();
  const auto found = known.find(kind);
  if (found == known.end()) throw unavailable("kind " + kind);
  found->second(input, output, close, package);
}

}  // namespace goldens
