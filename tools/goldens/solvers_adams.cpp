// SPDX-License-Identifier: MIT
#include "compare.hpp"
#include "schedules.hpp"
#include "solvers.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace goldens {

namespace {

using diffode::axis;
using diffode::butcher_tableau;

/// The levels of a case, with the path that their times belong to: between its points methods in time need it.
void put_on(problem& p, diffode::noise_path path) {
  std::vector<diffode::level<>> levels(p.levels.begin(), p.levels.end());
  p.levels = diffode::grid::make("grid", std::move(path), std::move(levels), diffode::repeats::allowed).value();
}

void read_deis_schedule(fields& options, problem& p) {
  fields from = options.object("schedule");
  const double first = from.number("t_start"), last = from.number("t_end");
  put_on(p, read_schedule(from, first, last, false).path);
  // How the points were placed.
  options.skip("ts_phase");
  options.skip("ts_order");
}

/// a and b_0, b_1, ... of every step x_{i+1} = a x_i + sum_j b_j eps_{i-j}, from a run of unit vectors.
std::vector<std::vector<double>> coefficients_of(const diffode::deis& how, const diffode::grid& levels) {
  const diffode::shared_plan made(diffode::compile(how, levels, diffode::eps_model{}, {.watch_state = true}));
  const std::size_t steps = levels.steps(), size = 1 + steps;
  std::vector<double> x(size), answer(size);
  x[0] = 1;
  std::vector<std::vector<double>> states(size, x), rows;
  diffode::sampler<double> s(made, x, {});
  while (const auto call = s.next()) {
    answer.assign(size, 0);
    answer[1 + static_cast<std::size_t>(call->index)] = 1;
    s.feed(answer, [&](const diffode::sight<double>& now) { states[static_cast<std::size_t>(now.point)].assign(now.x.begin(), now.x.end()); });
  }
  for (std::size_t i = 0; i < steps; ++i) {
    std::vector<double> row{states[i + 1][0] / states[i][0]};
    for (std::size_t j = 0; j <= i; ++j) row.push_back(states[i + 1][1 + i - j] - row[0] * states[i][1 + i - j]);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Where the case has coefficients: those of each step, and 0 beyond. from: whether its rows begin with a or with b_0.
void check_coefficients(fields& top, const diffode::deis& how, const problem& p, std::size_t from) {
  if (!top.has("coefficients")) return;
  const std::vector<std::vector<double>> wanted = top.rows("coefficients");
  std::vector<std::vector<double>> got = coefficients_of(how, p.levels);
  if (wanted.size() != got.size()) throw wrong_case("coefficients: number of rows is " + std::to_string(wanted.size()) + ", needs " + std::to_string(got.size()));
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (wanted[i].empty()) continue;
    std::vector<double> row(got[i].begin() + static_cast<std::ptrdiff_t>(from), got[i].end());
    row.resize(wanted[i].size());
    closeness{1e-11}("coefficients[" + std::to_string(i) + "]", row, wanted[i]);
  }
}

outcome solve_deis_tab(fields options, fields& top, problem& p) {
  need_space(p, "vp");
  diffode::deis how{.q = options.integer("order")};
  read_deis_schedule(options, p);
  const std::string quadrature = options.text("quadrature");
  if (quadrature == "left_riemann_10000") how.sum = diffode::deis_sum::left_10000;
  else if (quadrature != "exact") refuse(options, "quadrature", quadrature, "exact or left_riemann_10000");
  read_common(options, p);
  options.done();
  check_coefficients(top, how, p, 0);
  return run(how, p);
}

outcome solve_deis_rhoab(fields options, fields&, problem& p) {
  need_space(p, "vp");
  const diffode::deis how{.q = options.integer("order"), .in = diffode::deis_in::rho};
  read_deis_schedule(options, p);
  if (const std::string quadrature = options.text("quadrature"); quadrature != "exact") refuse(options, "quadrature", quadrature, "exact");
  read_common(options, p);
  options.done();
  return run(how, p);
}

butcher_tableau read_tableau(fields& options) {
  const struct {
    const char* name;
    butcher_tableau how;
  } all[] = {{"1euler", butcher_tableau::euler()}, {"2heun", butcher_tableau::heun2()}, {"3kutta", butcher_tableau::kutta3()},
             {"3ral", butcher_tableau::ralston3()}, {"3heun", butcher_tableau::heun3()}, {"3vdh", butcher_tableau::houwen3()},
             {"3ssprk", butcher_tableau::ssp3()}, {"4rk", butcher_tableau::kutta4()}};
  const std::string method = options.text("method");
  for (const auto& known : all)
    if (method == known.name) return known.how;
  refuse(options, "method", method, "1euler, 2heun, 3kutta, 3ral, 3heun, 3vdh, 3ssprk or 4rk");
}

outcome solve_deis_rhork(fields options, fields&, problem& p) {
  need_space(p, "vp");
  const diffode::rk how{.how = read_tableau(options)};
  read_deis_schedule(options, p);
  read_common(options, p);
  options.done();
  return run(how, p);
}

outcome solve_deis_log_rho(fields options, fields&, problem& p) {
  const diffode::ramp ends = diffode::ramp::given(read_orders(options, p, 3));
  read_common(options, p);
  options.done();
  return run(diffode::deis{.q = 2, .in = diffode::deis_in::log_rho, .ends = ends}, p);
}

outcome solve_deis_ve(fields options, fields& top, problem& p) {
  need_space(p, "ve");
  diffode::deis how{.q = options.integer("order") - 1, .in = diffode::deis_in::rho};
  const std::string mode = options.text("deis_mode");
  if (mode == "tab") {
    how = {.q = how.q, .sum = diffode::deis_sum::inclusive_10000};
    const diffode::noise_path path = diffode::edm_vp_through({.sigma_min = 0.002, .sigma_max = 80});
    std::vector<diffode::level<>> levels(p.levels.begin(), p.levels.end());
    for (diffode::level<>& l : levels) l.t = path.at_lambda(l.lambda).t;
    p.levels = diffode::grid::make("grid", path, std::move(levels), diffode::repeats::allowed).value();
  } else if (mode != "rhoab") refuse(options, "deis_mode", mode, "tab or rhoab");
  read_plain(options, p);
  check_coefficients(top, how, p, 1);
  return run(how, p);
}

outcome solve_ipndm_vp(fields options, fields&, problem& p) {
  need_space(p, "vp");
  read_deis_schedule(options, p);
  read_common(options, p);
  options.done();
  return run(diffode::ipndm{}, p);
}

outcome solve_lms(fields options, fields&, problem& p) {
  need_space(p, "ve");
  const diffode::lms how{.p = options.integer("order")};
  read_plain(options, p);
  return run(how, p);
}

outcome solve_ipndm(fields options, fields&, problem& p) {
  need_space(p, "ve");
  const diffode::ipndm how{.p = options.integer("order")};
  read_plain(options, p);
  return run(how, p);
}

outcome solve_ipndm_v(fields options, fields&, problem& p) {
  need_space(p, "ve");
  const diffode::ipndm how{.p = options.integer("order"), .weights = diffode::adams::ipndm_v};
  read_plain(options, p);
  return run(how, p);
}

outcome solve_pndm(fields options, fields&, problem& p) {
  need_space(p, "vp");
  diffode::pndm how;
  if (!options.flag("skip_prk_steps")) how.start = diffode::pndm_start::runge_kutta;
  if (options.has("mid")) {
    fields mid = options.object("mid");
    const std::vector<double> t = mid.numbers("t"), alpha = mid.numbers("alpha"), sigma = mid.numbers("sigma");
    mid.done();
    for (std::size_t i = 0; i < t.size(); ++i) how.middle.push_back(diffode::make_level(t[i], alpha[i], sigma[i]));
  }
  read_common(options, p);
  options.done();
  return run(how, p);
}

}  // namespace

std::span<const named_rule> adams_rules() {
  static constexpr named_rule all[] = {{"deis_tab", solve_deis_tab}, {"deis_rhoab", solve_deis_rhoab}, {"deis_rhork", solve_deis_rhork},
                                       {"deis_log_rho", solve_deis_log_rho}, {"deis_ve", solve_deis_ve}, {"ipndm_vp", solve_ipndm_vp},
                                       {"lms", solve_lms}, {"ipndm", solve_ipndm}, {"ipndm_v", solve_ipndm_v}, {"pndm", solve_pndm}};
  return all;
}

}  // namespace goldens
