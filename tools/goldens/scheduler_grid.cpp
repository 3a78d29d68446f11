// SPDX-License-Identifier: MIT
#include "scheduler_grid.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace goldens {

namespace {

using kind = scheduler_class;
using levels = std::vector<diffode::level<>>;

/// The training steps before any rule replaces levels, in the order of the run. `usable`: how many the table has left.
std::vector<double> base_steps(const scheduler_config& c, const set_up& asked, int usable) {
  if (asked.timesteps) return *asked.timesteps;
  const bool dpm = c.of_dpm_family(), inverse = c.what == kind::ddim_inverse || c.what == kind::dpm_multistep_inverse;
  if (c.what == kind::ddim_inverse && c.spacing == diffode::spacing::linspace)
    throw wrong_case("timestep_spacing linspace is not defined for DDIMInverseScheduler");
  const int count = needed_count(asked);
  // Of one equidistant value the references take the clean end, diffode the noisy one.
  if (!dpm && c.spacing == diffode::spacing::linspace && count == 1) return {0};
  return diffode::spaced_steps(c.train_steps,
                               {.rule = c.spacing,
                                .family = dpm ? diffode::spacing_family::dpm : diffode::spacing_family::ddim,
                                .count = count,
                                .offset = c.steps_offset,
                                .usable = usable,
                                .rounded = !c.has_sigmas(),
                                .ascending = inverse});
}

levels at_steps(const diffode::discrete& table, const std::vector<double>& steps) {
  levels all;
  for (const double t : steps) all.push_back(table.at(t));
  return all;
}

/// Whether labels that a rule looked up are rounded; the classes of the DPM-Solver family then truncate what is left.
bool rounds_labels(const scheduler_config& c) {
  const bool karras = c.levels == level_rule::karras;
  switch (c.what) {
    case kind::kdpm2:
    case kind::unipc:
    case kind::deis:
    case kind::dpm_singlestep: return karras;
    case kind::dpm_multistep: return (karras || c.levels == level_rule::lu) && c.beta_schedule != "squaredcos_cap_v2";
    default: return false;
  }
}

double label_of(const scheduler_config& c, double t) {
  if (rounds_labels(c)) t = std::nearbyint(t);
  return c.of_dpm_family() ? std::trunc(t) : t;
}

scheduler_grid without_sigmas(const scheduler_config& c, const set_up& asked, const diffode::discrete& table) {
  scheduler_grid g;
  g.integer_labels = true;
  g.labels = base_steps(c, asked, 0);
  if (c.what == kind::pndm)
    g.labels = diffode::pndm_labels(g.labels, {.train_steps = c.train_steps, .runge_kutta = !c.skips_runge_kutta});
  g.levels = at_steps(table, g.labels);
  const double first = table.at(0).alpha;
  g.end_abar = c.what == kind::ddpm || c.alpha_one_at_end ? 1 : first * first;
  return g;
}

/// Levels and labels of a class with sigmas, as far as the end point.
void fill_levels(scheduler_grid& g, const scheduler_config& c, const set_up& asked, const training_table& made,
                 int usable) {
  const diffode::discrete& table = made.table;
  if (asked.sigmas) {
    for (const diffode::level<>& l : diffode::from_sigmas(made.path(), *asked.sigmas)) g.levels.push_back(l);
    for (std::size_t i = 0; i + 1 < g.levels.size(); ++i) g.labels.push_back(made.step_of(g.levels[i].lambda));
    return;
  }
  g.labels = base_steps(c, asked, usable);
  g.levels = at_steps(table, g.labels);
  const int count = static_cast<int>(g.labels.size());
  const double top = diffode::rho(table.at(c.train_steps - 1)), bottom = diffode::rho(table.at(0));
  double first = top, last = bottom;
  if (c.log_linear) {
    // One level more than labels: the last one is the end point.
    g.levels =
        spread_levels(level_rule::exponential, made.path(), top, bottom, count + 1, diffode::sigma_meaning::ratio);
  } else if (!c.of_dpm_family()) {
    first = diffode::rho(g.levels.front());
    last = diffode::rho(g.levels.back());
  }
  if (c.levels == level_rule::none) return;
  first = c.sigma_max.value_or(first);
  last = c.sigma_min.value_or(last);
  g.levels =
      spread_levels(c.levels, made.path(), first, last, asked.count.value_or(count), diffode::sigma_meaning::ratio);
  g.labels.clear();
  for (const diffode::level<>& l : g.levels) g.labels.push_back(label_of(c, made.step_of(l.lambda)));
}

void add_end(scheduler_grid& g, const scheduler_config& c, const diffode::discrete& table, int usable) {
  if (g.levels.size() > g.labels.size()) return;  // given, or the last one of its rule
  const bool moved = c.levels != level_rule::none;
  if (c.what == kind::dpm_multistep_inverse) g.levels.push_back(table.at(usable - 1));
  else if (c.what == kind::deis || c.ends_at_sigma_min)
    g.levels.push_back(moved && (c.what == kind::deis || c.what == kind::unipc) ? g.levels.back() : table.at(0));
  else g.levels.push_back(table.at_lambda(HUGE_VAL));
}

/// Heun's and KDPM2's doubled lists.
void double_up(scheduler_grid& g, const scheduler_config& c, const training_table& made) {
  const levels inner(g.levels.begin(), g.levels.end() - 1);
  const diffode::level<> end = g.levels.back();
  g.levels = doubled(inner);
  g.levels.push_back(end);
  if (c.what == kind::heun) {
    g.labels = diffode::heun_labels(g.labels);
    return;
  }
  std::vector<double> between;
  for (const diffode::level<>& middle : diffode::lambda_middles(made.path(), inner)) {
    g.mid_sigmas.push_back(diffode::rho(middle));
    between.push_back(made.step_of(middle.lambda));
  }
  g.labels = diffode::kdpm2_labels(g.labels, between);
}

void scale_noise(scheduler_grid& g, const scheduler_config& c) {
  if (c.of_dpm_family()) return;
  double most = 0;
  for (std::size_t i = 0; i < g.levels.size(); ++i) most = std::max(most, g.sigma(i));
  g.init_noise_sigma = c.spacing == diffode::spacing::leading ? std::hypot(most, 1) : most;
}

}  // namespace

int needed_count(const set_up& asked) {
  if (asked.count) return *asked.count;
  if (asked.timesteps) return static_cast<int>(asked.timesteps->size());
  throw wrong_case("input.num_inference_steps is missing");
}

scheduler_grid make_scheduler_grid(const scheduler_config& c, const set_up& asked) {
  if (c.what >= kind::edm_euler) return edm_grid(c, asked);
  if (!c.has_table()) return flow_match_grid(c, asked);
  if (asked.sigmas && c.what != kind::euler && !c.flow_sigmas)
    throw wrong_case("set_timesteps.sigmas is not defined for this class");
  if (asked.mu && !c.flow_sigmas) throw wrong_case("set_timesteps.mu is not defined without use_flow_sigmas");
  scheduler_grid g;
  if (c.flow_sigmas) g = flow_dpm_grid(c, asked);
  else {
    const training_table made = make_table(c);
    if (!c.has_sigmas()) return without_sigmas(c, asked, made.table);
    const int usable = c.lambda_min ? made.usable(*c.lambda_min) : c.train_steps;
    g.integer_labels = c.of_dpm_family();
    fill_levels(g, c, asked, made, usable);
    add_end(g, c, made.table, usable);
    if (c.continuous_labels && c.prediction_type == "v_prediction")
      for (std::size_t i = 0; i < g.labels.size(); ++i) g.labels[i] = -0.25 * g.levels[i].lambda;
    if (c.what == kind::heun || c.what == kind::kdpm2) double_up(g, c, made);
    scale_noise(g, c);
  }
  if (c.what == kind::dpm_singlestep) 
    g.orders = diffode::chained_orders({.updates = static_cast<int>(g.labels.size()),
                                        .order = c.order,
                                        .lower_final = c.lower_order_final,
                                        .ends_clean = !c.ends_at_sigma_min});
  return g;
}

}  // namespace goldens
