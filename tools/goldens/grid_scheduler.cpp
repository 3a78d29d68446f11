// SPDX-License-Identifier: MIT
#include "grid_kinds.hpp"
#include "scheduler_config.hpp"
#include "scheduler_grid.hpp"

#include <algorithm>
#include <cmath>

namespace goldens {

namespace {

set_up read_set_up(fields& input) {
  set_up asked;
  if (input.has("num_inference_steps")) asked.count = input.integer("num_inference_steps");
  if (!input.has("set_timesteps")) return asked;
  fields from = input.object("set_timesteps");
  if (from.has("timesteps")) asked.timesteps = from.numbers("timesteps");
  if (from.has("sigmas")) asked.sigmas = from.numbers("sigmas");
  if (from.has("mu")) asked.mu = from.number("mu");
  from.done();
  return asked;
}

/// Labels at `fragile_labels` may be one off: rounding errors decide there.
void check_labels(const scheduler_grid& g, fields& output, const closeness& close) {
  std::vector<double> wanted = output.numbers("timesteps");
  if (output.has("fragile_labels"))
    for (const int place : output.integers("fragile_labels")) {
      const std::size_t i = static_cast<std::size_t>(place);
      if (place < 0 || i >= wanted.size() || i >= g.labels.size())
        throw wrong_case("output.fragile_labels names no label");
      if (std::abs(g.labels[i] - wanted[i]) == 1) wanted[i] = g.labels[i];
    }
  close("output.timesteps", g.labels, wanted);
  if (output.flag("timesteps_integer") != g.integer_labels)
    throw wrong_case(std::string("output.timesteps_integer is ") + (g.integer_labels ? "true" : "false") +
                     ", needs the other");
}

}  // namespace

void check_noise_table(fields input, fields output, const closeness& close, const std::string&) {
  const scheduler_config c = read_scheduler(input.object("scheduler"));
  input.done();
  if (!c.has_table()) throw wrong_case("input.scheduler is of a class without a table");
  const training_table made = make_table(c);
  std::vector<double> betas, abars;
  for (const int i : output.integers("index")) {
    if (i < 0 || i >= c.train_steps) throw wrong_case("output.index is beyond the table");
    betas.push_back(made.betas[static_cast<std::size_t>(i)]);
    abars.push_back(std::exp(2 * made.table.log_alpha[static_cast<std::size_t>(i)]));
  }
  close.field(output, "betas", betas);
  close.field(output, "alphas_cumprod", abars);
  output.done();
}

void check_scheduler(fields input, fields output, const closeness& close, const std::string&) {
  const scheduler_config c = read_scheduler(input.object("scheduler"));
  const set_up asked = read_set_up(input);
  input.done();
  const scheduler_grid g = make_scheduler_grid(c, asked);

  std::vector<double> sigmas, alpha, sigma;
  for (std::size_t i = 0; i < g.levels.size(); ++i) {
    sigmas.push_back(g.sigma(i));
    alpha.push_back(g.levels[i].alpha);
    sigma.push_back(g.levels[i].sigma);
  }
  check_labels(g, output, close);
  close.field(output, "alpha", alpha);
  close.field(output, "sigma", sigma);
  if (c.has_sigmas()) {
    close.field(output, "sigmas", sigmas);
    if (const std::string meaning = output.text("sigma_meaning"); meaning != (g.flow ? "flow" : "ratio"))
      throw wrong_case("output.sigma_meaning is " + std::string(g.flow ? "flow" : "ratio") + ", needs " + meaning);
  } else close(output.name("end_alphas_cumprod"), *g.end_abar, output.number("end_alphas_cumprod"));
  if (c.what == scheduler_class::kdpm2) close.field(output, "mid_sigmas", g.mid_sigmas);
  if (c.what == scheduler_class::dpm_singlestep)
    expect_equal("output.order_list", g.orders, output.integers("order_list"));
  if (output.has("init_noise_sigma"))
    close("output.init_noise_sigma", g.init_noise_sigma, output.number("init_noise_sigma"));
  output.done();
}

}  // namespace goldens
