// SPDX-License-Identifier: MIT
#include "scheduler_grid.hpp"

#include <cmath>
#include <utility>

namespace goldens {

namespace {

using kind = scheduler_class;
using levels = std::vector<diffode::level<>>;

levels without_end(const diffode::grid& g) { return {g.begin(), g.end() - 1}; }

/// The flow whose times are sigmas before the shift that the case asks for.
diffode::noise_path shifted_path(const scheduler_config& c, const set_up& asked) {
  if (!c.dynamic_shift) return diffode::shifted_by(c.shift);
  if (!asked.mu) throw wrong_case("set_timesteps.mu is missing, and use_dynamic_shifting is true");
  if (c.linear_shift) return diffode::shifted_linear(*asked.mu);
  return diffode::shifted_exponential(*asked.mu);
}

/// The levels at sigmas before the shift. They may end with noise, so the grid gets an end of its own, left out here.
levels at_times(const diffode::noise_path& path, const std::vector<double>& times, const scheduler_config& c) {
  const diffode::grid g = diffode::from_times(path, times, diffode::ending::zero);
  return without_end(c.shift_terminal ? diffode::stretched(g, *c.shift_terminal) : g);
}

std::vector<double> sigmas_of(const levels& all) {
  std::vector<double> sigmas;
  for (const diffode::level<>& l : all) sigmas.push_back(l.sigma);
  return sigmas;
}

std::vector<double> equidistant(double first, double last, int count) {
  const diffode::flow_steps o{.count = count, .first = first, .last = last, .end = diffode::ending::zero};
  return sigmas_of(without_end(diffode::flow_uniform(diffode::flow{}, o)));
}

/// As the references list it: alpha is what sigma leaves.
levels on_flow(const std::vector<double>& sigmas) {
  levels all;
  for (const double sigma : sigmas) all.push_back(diffode::flow{}.at(sigma));
  return all;
}

std::vector<double> labels_of(const std::vector<double>& sigmas, int train_steps) {
  std::vector<double> labels;
  for (const double sigma : sigmas) labels.push_back(train_steps * sigma);
  return labels;
}

std::vector<double> dpm_sigmas(const scheduler_config& c, const set_up& asked) {
  const double last = 1.0 / c.train_steps;
  if (c.what != kind::unipc) {
    const diffode::noise_path path =
        asked.mu ? diffode::noise_path(diffode::shifted_exponential(*asked.mu)) : diffode::shifted_by(c.shift);
    return sigmas_of(
        without_end(diffode::flow_uniform(path, {.count = needed_count(asked), .first = 1 - last, .last = 0})));
  }
  if (c.levels == level_rule::karras) {
    if (!c.sigma_max || !c.sigma_min)
      throw wrong_case("use_flow_sigmas with use_karras_sigmas needs sigma_min and sigma_max");
    return sigmas_of(spread_levels(c.levels, diffode::flow{}, *c.sigma_max, *c.sigma_min, needed_count(asked),
                                   diffode::sigma_meaning::ratio));
  }
  std::vector<double> times;
  if (asked.sigmas) times = *asked.sigmas;
  else
    times = sigmas_of(
        without_end(diffode::flow_uniform(diffode::flow{}, {.count = needed_count(asked), .first = 1, .last = last})));
  std::vector<double> sigmas = sigmas_of(at_times(shifted_path(c, asked), times, c));
  if (std::abs(sigmas[0] - 1) < 1e-6) sigmas[0] -= 1e-6;
  return sigmas;
}

}  // namespace

levels spread_levels(level_rule rule, const diffode::noise_path& path, double sigma_max, double sigma_min, int count,
                     diffode::sigma_meaning meaning, double rho) {
  const diffode::sigma_steps o{
      .sigma_max = sigma_max, .sigma_min = sigma_min, .count = count, .end = diffode::ending::zero, .meaning = meaning};
  switch (rule) {
    case level_rule::karras: return without_end(diffode::karras(path, o, rho));
    case level_rule::beta: return without_end(diffode::beta_sigmas(path, o));
    default: return without_end(diffode::exponential(path, o));
  }
}

scheduler_grid flow_dpm_grid(const scheduler_config& c, const set_up& asked) {
  if (asked.timesteps) throw wrong_case("set_timesteps.timesteps is not defined with use_flow_sigmas");
  if (asked.sigmas && c.what != kind::unipc) throw wrong_case("set_timesteps.sigmas is not defined for this class");
  const bool both = c.what == kind::unipc && c.levels == level_rule::karras;
  if (c.levels != level_rule::none && !both)
    throw wrong_case("use_flow_sigmas is true, and so is another rule for levels");
  scheduler_grid g;
  g.flow = g.integer_labels = true;
  std::vector<double> sigmas = dpm_sigmas(c, asked);
  g.labels = labels_of(sigmas, c.train_steps);
  for (double& label : g.labels) label = std::trunc(label);
  const bool copies = c.what == kind::deis || (c.what == kind::unipc && c.ends_at_sigma_min);
  sigmas.push_back(copies ? sigmas.back() : c.ends_at_sigma_min ? diffode::rho(make_table(c).table.at(0)) : 0);
  g.levels = on_flow(sigmas);
  return g;
}

scheduler_grid flow_match_grid(const scheduler_config& c, const set_up& asked) {
  if (asked.sigmas && asked.timesteps)
    throw wrong_case("set_timesteps has both sigmas and timesteps, needs one of them");
  std::vector<double> times;
  if (asked.sigmas) times = *asked.sigmas;
  else if (asked.timesteps) {
    for (const double t : *asked.timesteps) times.push_back(t / c.train_steps);
  } else {
    // The list that the class is constructed with is shifted before its ends are taken.
    const diffode::noise_path made = diffode::shifted_by(c.dynamic_shift ? 1 : c.shift);
    times = equidistant(made.at(1).sigma, made.at(1.0 / c.train_steps).sigma, needed_count(asked));
  }
  std::vector<double> sigmas = sigmas_of(at_times(shifted_path(c, asked), times, c));
  if (c.levels != level_rule::none)
    sigmas = sigmas_of(spread_levels(c.levels, diffode::flow{}, sigmas.front(), sigmas.back(),
                                     static_cast<int>(sigmas.size()), diffode::sigma_meaning::share));
  if (c.inverted)
    for (double& sigma : sigmas) sigma = 1 - sigma;
  scheduler_grid g;
  g.flow = true;
  g.labels = labels_of(sigmas, c.train_steps);
  if (c.what == kind::flow_match_heun) {
    g.labels = diffode::heun_labels(g.labels);
    sigmas = diffode::heun_labels(sigmas);
  }
  sigmas.push_back(c.inverted ? 1 : 0);
  g.levels = on_flow(sigmas);
  return g;
}

scheduler_grid edm_grid(const scheduler_config& c, const set_up& asked) {
  if (asked.sigmas || asked.timesteps || asked.mu) throw wrong_case("set_timesteps is not defined for the EDM classes");
  // Any VP path: the case lists alpha = 1/sqrt(1 + sigma^2).
  const diffode::noise_path path = diffode::vp_linear{};
  scheduler_grid g;
  g.levels = spread_levels(c.levels, path, *c.sigma_max, *c.sigma_min, needed_count(asked),
                           diffode::sigma_meaning::ratio, c.rho);
  for (const diffode::level<>& l : g.levels) g.labels.push_back(-0.25 * l.lambda);
  g.levels.push_back(path.at_lambda(c.ends_at_sigma_min ? -std::log(*c.sigma_min) : HUGE_VAL));
  g.init_noise_sigma = std::hypot(*c.sigma_max, 1);
  return g;
}

}  // namespace goldens
