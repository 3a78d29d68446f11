// SPDX-License-Identifier: MIT
#include "scheduler_config.hpp"

#include "schedules.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace goldens {

namespace {

using kind = scheduler_class;

kind read_class(const std::string& name) {
  static const std::map<std::string_view, kind> known = {
      {"DDIMScheduler", kind::ddim},
      {"DDIMInverseScheduler", kind::ddim_inverse},
      {"DDPMScheduler", kind::ddpm},
      {"PNDMScheduler", kind::pndm},
      {"EulerDiscreteScheduler", kind::euler},
      {"EulerAncestralDiscreteScheduler", kind::euler_ancestral},
      {"HeunDiscreteScheduler", kind::heun},
      {"LMSDiscreteScheduler", kind::lms},
      {"KDPM2DiscreteScheduler", kind::kdpm2},
      {"DPMSolverMultistepScheduler", kind::dpm_multistep},
      {"DPMSolverMultistepInverseScheduler", kind::dpm_multistep_inverse},
      {"DPMSolverSinglestepScheduler", kind::dpm_singlestep},
      {"UniPCMultistepScheduler", kind::unipc},
      {"DEISMultistepScheduler", kind::deis},
      {"FlowMatchEulerDiscreteScheduler", kind::flow_match_euler},
      {"FlowMatchHeunDiscreteScheduler", kind::flow_match_heun},
      {"EDMEulerScheduler", kind::edm_euler},
      {"EDMDPMSolverMultistepScheduler", kind::edm_dpm_multistep}};
  const auto found = known.find(name);
  if (found == known.end()) throw unavailable("scheduler " + name);
  return found->second;
}

/// Reads a text that has to be one of two; true for the second one.
bool second_of(fields& from, std::string_view key, const std::string& first, const std::string& second) {
  const std::string is = from.text(key, first);
  if (is != first && is != second)
    throw wrong_case(from.name(key) + " is " + is + ", needs " + first + " or " + second);
  return is == second;
}

/// Fields of a class that its grid does not depend on: they belong to the step function.
void skip_others(fields& from, kind what) {
  const auto skip = [&](std::initializer_list<const char*> keys) {
    for (const char* key : keys) from.skip(key);
  };
  const bool clips = what == kind::ddim || what == kind::ddim_inverse || what == kind::ddpm || what == kind::heun;
  if (clips) skip({"clip_sample", "clip_sample_range"});
  const bool thresholds = what == kind::ddim || what == kind::ddpm || what == kind::edm_dpm_multistep ||
                          (what >= kind::dpm_multistep && what <= kind::deis);
  if (thresholds) skip({"thresholding", "dynamic_thresholding_ratio", "sample_max_value"});
  if (what == kind::ddpm) skip({"variance_type"});
  if (what >= kind::dpm_multistep && what <= kind::deis) skip({"solver_type"});
  if (what == kind::dpm_multistep || what == kind::dpm_multistep_inverse) skip({"euler_at_final", "variance_type"});
  if (what == kind::dpm_singlestep) skip({"variance_type"});
  if (what == kind::dpm_multistep || what == kind::dpm_multistep_inverse || what == kind::dpm_singlestep ||
      what == kind::deis)
    skip({"algorithm_type"});
  if (what == kind::unipc) skip({"predict_x0", "disable_corrector"});
  if (what == kind::flow_match_euler)
    skip({"base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len", "stochastic_sampling"});
  if (what >= kind::edm_euler) skip({"sigma_data", "prediction_type"});
  if (what == kind::edm_dpm_multistep)
    skip({"solver_order", "algorithm_type", "solver_type", "lower_order_final", "euler_at_final"});
}

void read_table(fields& from, scheduler_config& c) {
  const bool wide = c.what == kind::heun || c.what == kind::kdpm2;
  c.beta_schedule = from.text("beta_schedule", c.beta_schedule);
  c.beta_start = from.number("beta_start", wide ? 0.00085 : c.beta_start);
  c.beta_end = from.number("beta_end", wide ? 0.012 : c.beta_end);
  if (from.has("trained_betas")) c.trained_betas = from.numbers("trained_betas");
  c.prediction_type = from.text("prediction_type", c.prediction_type);
  const bool may_rescale = c.what == kind::ddim || c.what == kind::ddim_inverse || c.what == kind::ddpm ||
                           c.what == kind::euler || c.what == kind::euler_ancestral || c.what == kind::dpm_multistep ||
                           c.what == kind::unipc;
  if (may_rescale) c.zero_snr = from.flag("rescale_betas_zero_snr", false);
}

void read_steps(fields& from, scheduler_config& c) {
  const bool leads = c.what <= kind::pndm;
  const std::string rule = from.text("timestep_spacing", leads ? "leading" : "linspace");
  if (rule == "linspace") c.spacing = diffode::spacing::linspace;
  else if (rule == "leading") c.spacing = diffode::spacing::leading;
  else if (rule == "trailing") c.spacing = diffode::spacing::trailing;
  else throw wrong_case(from.name("timestep_spacing") + " is " + rule + ", needs linspace, leading or trailing");
  c.steps_offset = from.integer("steps_offset", 0);
}

void read_level_rule(fields& from, scheduler_config& c) {
  const auto take = [&](const char* key, level_rule rule) {
    if (!from.flag(key, false)) return;
    if (c.levels != level_rule::none) throw wrong_case(from.name(key) + " is true, and so is another rule for levels");
    c.levels = rule;
  };
  take("use_karras_sigmas", level_rule::karras);
  take("use_exponential_sigmas", level_rule::exponential);
  take("use_beta_sigmas", level_rule::beta);
  if (c.what == kind::dpm_multistep || c.what == kind::dpm_multistep_inverse) take("use_lu_lambdas", level_rule::lu);
  if (c.what == kind::dpm_multistep_inverse && c.levels != level_rule::none)
    throw wrong_case("no rule for levels is defined for DPMSolverMultistepInverseScheduler");
}

void read_dpm(fields& from, scheduler_config& c) {
  c.order = from.integer("solver_order", 2);
  c.lower_order_final = from.flag("lower_order_final", c.what != kind::dpm_singlestep);
  const bool inverse = c.what == kind::dpm_multistep_inverse;
  c.flow_sigmas = from.flag("use_flow_sigmas", false);
  c.shift = from.number("flow_shift", 1);
  if (c.flow_sigmas && inverse)
    throw wrong_case("use_flow_sigmas is not defined for DPMSolverMultistepInverseScheduler");
  c.dynamic_shift = from.flag("use_dynamic_shifting", false);
  c.linear_shift = second_of(from, "time_shift_type", "exponential", "linear");
  if (c.what != kind::unipc && c.what != kind::deis && from.has("lambda_min_clipped"))
    c.lambda_min = from.number("lambda_min_clipped");
  if (!inverse && c.what != kind::deis) c.ends_at_sigma_min = second_of(from, "final_sigmas_type", "zero", "sigma_min");
  if (c.what == kind::unipc && from.has("shift_terminal")) c.shift_terminal = from.number("shift_terminal");
}

void read_flow_match(fields& from, scheduler_config& c) {
  c.shift = from.number("shift", 1);
  if (c.what == kind::flow_match_heun) return;
  c.dynamic_shift = from.flag("use_dynamic_shifting", false);
  c.linear_shift = second_of(from, "time_shift_type", "exponential", "linear");
  c.inverted = from.flag("invert_sigmas", false);
  if (from.has("shift_terminal")) c.shift_terminal = from.number("shift_terminal");
  read_level_rule(from, c);
}

void read_edm(fields& from, scheduler_config& c) {
  c.sigma_min = from.number("sigma_min", 0.002);
  c.sigma_max = from.number("sigma_max", 80);
  c.rho = from.number("rho", 7);
  c.levels = second_of(from, "sigma_schedule", "karras", "exponential") ? level_rule::exponential : level_rule::karras;
  c.ends_at_sigma_min = second_of(from, "final_sigmas_type", "zero", "sigma_min");
}

}  // namespace

scheduler_config read_scheduler(fields from) {
  scheduler_config c;
  c.what = read_class(from.text("_class_name"));
  from.skip("_diffusers_version");
  c.train_steps = from.integer("num_train_timesteps", 1000);
  skip_others(from, c.what);
  if (c.has_table()) read_table(from, c);
  // The single-step class always spaces its steps by "linspace".
  if (c.has_table() && c.what != kind::dpm_singlestep) read_steps(from, c);
  if (c.what == kind::ddim || c.what == kind::ddim_inverse) c.alpha_one_at_end = from.flag("set_alpha_to_one", true);
  if (c.what == kind::pndm) {
    c.alpha_one_at_end = from.flag("set_alpha_to_one", false);
    c.skips_runge_kutta = from.flag("skip_prk_steps", false);
  }
  if (c.what == kind::euler) {
    c.log_linear = second_of(from, "interpolation_type", "linear", "log_linear");
    c.continuous_labels = second_of(from, "timestep_type", "discrete", "continuous");
    c.ends_at_sigma_min = second_of(from, "final_sigmas_type", "zero", "sigma_min");
  }
  if (c.what == kind::euler || c.what == kind::unipc) {
    if (from.has("sigma_min")) c.sigma_min = from.number("sigma_min");
    if (from.has("sigma_max")) c.sigma_max = from.number("sigma_max");
  }
  const bool converts = c.what == kind::euler || c.what == kind::heun || c.what == kind::lms || c.what == kind::kdpm2;
  if (converts || c.of_dpm_family()) read_level_rule(from, c);
  if (c.of_dpm_family()) read_dpm(from, c);
  if (c.what == kind::flow_match_euler || c.what == kind::flow_match_heun) read_flow_match(from, c);
  if (c.what >= kind::edm_euler) read_edm(from, c);
  from.done();
  return c;
}

training_table make_table(const scheduler_config& c) {
  training_table made;
  made.betas = c.trained_betas.empty() ? diffode::betas({.rule = read_beta_rule("beta_schedule", c.beta_schedule),
                                                         .first = c.beta_start,
                                                         .last = c.beta_end,
                                                         .count = c.train_steps})
                                       : c.trained_betas;
  if (static_cast<int>(made.betas.size()) != c.train_steps)
    throw wrong_case("trained_betas: needs num_train_timesteps entries");
  made.table = diffode::discrete_from_betas(made.betas, diffode::interpolation::rho);
  if (!c.zero_snr) return made;
  const diffode::discrete silent = diffode::zero_snr(made.table);
  double before = 0;
  for (std::size_t i = 0; i < made.betas.size(); ++i) {
    made.betas[i] = -std::expm1(2 * (silent.log_alpha[i] - before));
    before = silent.log_alpha[i];
  }
  // The classes that work in sigma replace the vanishing last entry; the betas stay.
  const auto loud = diffode::try_zero_snr(made.table, {.last_abar = 0x1p-24});
  made.turns = c.has_sigmas() && !loud;
  made.table = c.has_sigmas() && loud ? loud.value() : silent;
  if (made.turns) made.table.log_alpha.back() = 0.5 * std::log(0x1p-24);
  return made;
}

namespace {

diffode::discrete by_log(diffode::discrete table) {
  table.between = diffode::interpolation::log_rho;
  return table;
}

diffode::discrete without_last(diffode::discrete table) {
  table.log_alpha.pop_back();
  return table;
}

}  // namespace

diffode::noise_path training_table::path() const {
  if (turns) return diffode::vp_linear{};
  return by_log(table);
}

double training_table::step_of(double lambda) const {
  if (!turns) return by_log(table).at_lambda(lambda).t;
  // The last entry that is not noisier than the level begins its piece: the turned one wherever it is that.
  const double last = static_cast<double>(table.log_alpha.size() - 1), end = table.at(last).lambda,
               before = table.at(last - 1).lambda;
  if (lambda > end) return by_log(without_last(table)).at_lambda(lambda).t;
  return last - 1 + std::fmin(std::fmax((lambda - before) / (end - before), 0), 1);
}

int training_table::usable(double lambda_min) const {
  return static_cast<int>(diffode::clipped(turns ? without_last(table) : table, lambda_min).log_alpha.size());
}

}  // namespace goldens
