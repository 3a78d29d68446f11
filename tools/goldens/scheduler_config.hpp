// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/diffode.hpp"
#include "fields.hpp"

#include <optional>
#include <string>
#include <vector>

namespace goldens {

/// The classes of diffusers whose grids are known here.
enum class scheduler_class {
  ddim,
  ddim_inverse,
  ddpm,
  pndm,
  euler,
  euler_ancestral,
  heun,
  lms,
  kdpm2,
  dpm_multistep,
  dpm_multistep_inverse,
  dpm_singlestep,
  unipc,
  deis,
  flow_match_euler,
  flow_match_heun,
  edm_euler,
  edm_dpm_multistep,
};

/// Which rule replaces the levels at the time steps.
enum class level_rule { none, karras, exponential, beta, lu };

/// A configuration of a scheduler as far as its grid depends on it, with the defaults of its class filled in.
struct scheduler_config {
  scheduler_class what{};
  int train_steps = 1000;
  std::string beta_schedule = "linear";
  double beta_start = 0.0001, beta_end = 0.02;
  std::vector<double> trained_betas = {};
  bool zero_snr = false;
  std::string prediction_type = "epsilon";
  diffode::spacing spacing = diffode::spacing::linspace;
  int steps_offset = 0;
  bool alpha_one_at_end = true, skips_runge_kutta = false;
  level_rule levels = level_rule::none;
  bool log_linear = false, continuous_labels = false;
  bool ends_at_sigma_min = false;
  std::optional<double> sigma_min = {}, sigma_max = {}, lambda_min = {};
  bool flow_sigmas = false, dynamic_shift = false, linear_shift = false, inverted = false;
  double shift = 1, rho = 7;
  std::optional<double> shift_terminal = {};
  int order = 2;
  bool lower_order_final = false;

  bool has_table() const { return what < scheduler_class::flow_match_euler; }
  bool has_sigmas() const { return what > scheduler_class::pndm; }
  /// DPM-Solver, UniPC and DEIS.
  bool of_dpm_family() const { return what >= scheduler_class::dpm_multistep && what <= scheduler_class::deis; }
};

/// Errors  wrong_case for a class that is not known, a field that the class does not have, and a value out of range
scheduler_config read_scheduler(fields from);

/// The training table of the configuration, and its betas.
struct training_table {
  std::vector<double> betas;
  diffode::discrete table;
  /// Steep tables with zero_snr are below 2^-24, which replaces their last abar, before their end: they turn there.
  bool turns = false;

  /// A path for levels that a rule gives by their sigmas: any VP path does where diffode refuses the table.
  diffode::noise_path path() const;
  /// The training step of a level, ln sigma between two entries taken as linear.
  double step_of(double lambda) const;
  /// How many entries from the clean end on have a lambda not below this.
  int usable(double lambda_min) const;
};
training_table make_table(const scheduler_config& c);

}  // namespace goldens
