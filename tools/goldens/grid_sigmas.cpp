// SPDX-License-Identifier: MIT
#include "grid_kinds.hpp"
#include "schedules.hpp"

#include <array>
#include <cmath>

namespace goldens {

namespace {

/// The case lists the sigmas of a rule; the grid ends with a zero of its own after them.
void check_without_end(const diffode::grid& levels, fields& output, const closeness& close) {
  close.field(output, "sigmas", rhos(levels, levels.steps()));
  output.done();
}

void check_with_end(const diffode::grid& levels, fields& output, const closeness& close) {
  close.field(output, "sigmas", rhos(levels));
  output.done();
}

/// Sigmas at equidistant times from 1 to epsilon. No grid: for some epsilon the fitted path turns, as its formula has it.
void check_fitted(double sigma_min, double sigma_max, double epsilon, int count, fields& output,
                  const closeness& close) {
  const diffode::edm_vp path = diffode::edm_vp_through({sigma_min, sigma_max, epsilon});
  std::vector<double> sigmas;
  for (int i = 0; i < count; ++i)
    sigmas.push_back(diffode::rho(path.at(count > 1 ? 1 + (epsilon - 1) * i / (count - 1) : 1)));
  close.field(output, "sigmas", sigmas);
  output.done();
}

/// The whole half line of sigmas, so that no rule meets an end of the path that the case did not set.
const diffode::noise_path any_sigma = diffode::ve{.sigma_min = 1e-12, .sigma_max = 1e12};

}  // namespace

void check_sigma_function(fields input, fields output, const closeness& close, const std::string&) {
  const std::string name = input.text("name");
  const int n = input.integer("n");
  if (name == "vp") {
    const double slope = input.number("beta_d"), start = input.number("beta_min"), last = input.number("eps_s");
    input.done();
    return check_with_end(diffode::uniform_time(diffode::vp_linear{start, start + slope},
                                                {.from = 1, .to = last, .count = n, .end = diffode::ending::zero}),
                          output, close);
  }
  const diffode::sigma_steps o{
      .sigma_max = input.number("sigma_max"), .sigma_min = input.number("sigma_min"), .count = n};
  const double exponent = name == "exponential" ? 1 : input.number("rho");
  input.done();
  if (name == "karras") check_with_end(diffode::karras(any_sigma, o, exponent), output, close);
  else if (name == "exponential") check_with_end(diffode::exponential(any_sigma, o), output, close);
  else if (name == "polyexponential") check_with_end(diffode::polyexponential(any_sigma, o, exponent), output, close);
  else throw wrong_case("input.name is " + name + ", needs karras, exponential, polyexponential or vp");
}

void check_discrete_sigma_map(fields input, fields output, const closeness& close, const std::string&) {
  const diffode::discrete table = read_betas(input.object("betas"), diffode::interpolation::log_rho);
  const bool quantize = input.flag("quantize");
  const std::vector<double> times = input.numbers("t"), sigmas = input.numbers("sigma");
  const int n = input.integer("n");
  input.done();
  std::vector<double> sigma_of_t, t_of_sigma;
  for (const double t : times) sigma_of_t.push_back(diffode::rho(table.at(t)));
  for (const double sigma : sigmas) {
    const diffode::grid one = diffode::from_sigmas(table, std::array{sigma, 0.0});
    t_of_sigma.push_back((quantize ? diffode::snapped(one, diffode::snap::nearest) : one)[0].label);
  }
  close.field(output, "sigma_of_t", sigma_of_t);
  close.field(output, "t_of_sigma", t_of_sigma);
  const double last = static_cast<double>(table.log_alpha.size() - 1);
  check_with_end(diffode::uniform_time(table, {.from = last, .to = 0, .count = n, .end = diffode::ending::zero}),
                 output, close);
}

void check_edm_steps(fields input, fields output, const closeness& close, const std::string&) {
  const diffode::sigma_steps o{.sigma_max = input.number("sigma_max", 80),
                               .sigma_min = input.number("sigma_min", 0.002),
                               .count = input.integer("num_steps")};
  const double exponent = input.number("rho", 7);
  input.done();
  check_with_end(diffode::karras(any_sigma, o, exponent), output, close);
}

void check_edm_ablation_steps(fields input, fields output, const closeness& close, const std::string&) {
  const std::string kind = input.text("discretization");
  const double epsilon = input.number("epsilon_s", 0.001), exponent = input.number("rho", 7);
  diffode::sigma_steps o{.count = input.integer("num_steps")};
  if (kind == "vp") {
    const diffode::vp_linear song{0.1, 20};
    o.sigma_max = diffode::rho(song.at(1));
    o.sigma_min = diffode::rho(song.at(epsilon));
  } else if (kind == "ve") o.sigma_max = 100, o.sigma_min = 0.02;
  else if (kind == "iddpm") o.sigma_max = 81, o.sigma_min = 0.002;
  else if (kind == "edm") o.sigma_max = 80, o.sigma_min = 0.002;
  else throw wrong_case("input.discretization is " + kind + ", needs vp, ve, iddpm or edm");
  o.sigma_max = input.number("sigma_max", *o.sigma_max);
  o.sigma_min = input.number("sigma_min", *o.sigma_min);
  input.done();
  if (kind == "vp") check_fitted(*o.sigma_min, *o.sigma_max, epsilon, o.count, output, close);
  else if (kind == "ve") check_without_end(diffode::exponential(any_sigma, o), output, close);
  else if (kind == "iddpm") check_without_end(diffode::iddpm(any_sigma, o), output, close);
  else check_without_end(diffode::karras(any_sigma, o, exponent), output, close);
}

void check_diff_sampler_schedule(fields input, fields output, const closeness& close, const std::string&) {
  const std::string kind = input.text("schedule_type");
  const double exponent = input.number("schedule_rho", 7);
  const diffode::sigma_steps o{.sigma_max = input.number("sigma_max"),
                               .sigma_min = input.number("sigma_min"),
                               .count = input.integer("num_points")};
  input.done();
  if (kind == "polynomial") return check_without_end(diffode::karras(any_sigma, o, exponent), output, close);
  if (kind == "logsnr") return check_without_end(diffode::exponential(any_sigma, o), output, close);
  if (kind != "time_uniform")
    throw wrong_case("input.schedule_type is " + kind + ", needs polynomial, logsnr or time_uniform");
  constexpr double epsilon = 0.001;
  check_without_end(diffode::power_time(diffode::edm_vp_through({*o.sigma_min, *o.sigma_max, epsilon}),
                                        {.from = 1, .to = epsilon, .count = o.count, .end = diffode::ending::zero},
                                        exponent),
                    output, close);
}

}  // namespace goldens
