// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/diffode.hpp"
#include "diffode/grid/stage_labels.hpp"
#include "scheduler_config.hpp"

#include <optional>
#include <vector>

namespace goldens {

/// Arguments of a scheduler's set-up.
struct set_up {
  std::optional<int> count = {};
  std::optional<std::vector<double>> timesteps = {}, sigmas = {};
  std::optional<double> mu = {};
};

/// What a scheduler sets up: labels, and the levels that belong to them.
struct scheduler_grid {
  std::vector<double> labels;
  std::vector<diffode::level<>> levels;  ///< one for each label; with sigmas, one more: the end point
  bool integer_labels = false, flow = false;
  std::vector<double> mid_sigmas = {};
  std::vector<int> orders = {};
  std::optional<double> end_abar = {};
  double init_noise_sigma = 1;

  double sigma(std::size_t i) const { return flow ? levels[i].sigma : diffode::rho(levels[i]); }
};

scheduler_grid make_scheduler_grid(const scheduler_config& c, const set_up& asked);

// The classes whose levels are not those of a table.
scheduler_grid flow_dpm_grid(const scheduler_config& c, const set_up& asked);
scheduler_grid flow_match_grid(const scheduler_config& c, const set_up& asked);
scheduler_grid edm_grid(const scheduler_config& c, const set_up& asked);

int needed_count(const set_up& asked);
/// The levels that a rule puts between two sigmas of a path: their labels are times of the path.
std::vector<diffode::level<>> spread_levels(level_rule rule, const diffode::noise_path& path, double sigma_max,
                                            double sigma_min, int count, diffode::sigma_meaning meaning,
                                            double rho = 7);
/// t_0, t_1, t_1, t_2, t_2, ..., as two evaluations for each step need it.
template <class T>
std::vector<T> doubled(const std::vector<T>& all) {
  std::vector<T> twice;
  for (std::size_t i = 0; i < all.size(); ++i) twice.insert(twice.end(), i == 0 ? 1 : 2, all[i]);
  return twice;
}

}  // namespace goldens
