// SPDX-License-Identifier: MIT
#pragma once

#include "compare.hpp"
#include "fields.hpp"

#include <string>

namespace goldens {

// One function for each kind of grid case. `package` is the project that the numbers come from.
void check_noise_table(fields input, fields output, const closeness& close, const std::string& package);
void check_scheduler(fields input, fields output, const closeness& close, const std::string& package);
void check_vp_functions(fields input, fields output, const closeness& close, const std::string& package);
void check_vp_time_steps(fields input, fields output, const closeness& close, const std::string& package);
void check_vp_singlestep_plan(fields input, fields output, const closeness& close, const std::string& package);
void check_statistics_grid(fields input, fields output, const closeness& close, const std::string& package);
void check_deis_time_steps(fields input, fields output, const closeness& close, const std::string& package);
void check_sigma_function(fields input, fields output, const closeness& close, const std::string& package);
void check_discrete_sigma_map(fields input, fields output, const closeness& close, const std::string& package);
void check_edm_steps(fields input, fields output, const closeness& close, const std::string& package);
void check_edm_ablation_steps(fields input, fields output, const closeness& close, const std::string& package);
void check_diff_sampler_schedule(fields input, fields output, const closeness& close, const std::string& package);

}  // namespace goldens
