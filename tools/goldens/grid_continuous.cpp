// SPDX-License-Identifier: MIT
#include "grid_kinds.hpp"
#include "schedules.hpp"

#include <cmath>

namespace goldens {

namespace {

struct ends {
  double first, last;
};

ends read_ends(fields& from) { return {from.number("t_start"), from.number("t_end")}; }

diffode::grid steps(const std::string& skip_type, const diffode::noise_path& path, ends e, int count) {
  const diffode::time_steps o{.from = e.first, .to = e.last, .count = count};
  if (skip_type == "time_uniform") return diffode::uniform_time(path, o);
  if (skip_type == "time_quadratic") return diffode::quadratic(path, o);
  if (skip_type == "logSNR") return diffode::uniform_lambda(path, o);
  if (skip_type == "edm") {
    const double high = std::exp(-path.at(e.first).lambda), low = std::exp(-path.at(e.last).lambda);
    return diffode::karras(path, {.sigma_max = high, .sigma_min = low, .count = count, .end = diffode::ending::keep});
  }
  throw wrong_case("skip_type is " + skip_type + ", needs time_uniform, time_quadratic, logSNR or edm");
}

/// Compares the columns of a list of levels that the case has.
void check_levels(const std::vector<diffode::level<>>& levels, fields& output, const closeness& close) {
  std::vector<double> t, alpha, sigma, lambda, rho;
  for (const diffode::level<>& l : levels) {
    t.push_back(l.t);
    alpha.push_back(l.alpha);
    sigma.push_back(l.sigma);
    lambda.push_back(l.lambda);
    rho.push_back(diffode::rho(l));
  }
  if (output.has("t")) close.field(output, "t", t);
  close.field(output, "alpha", alpha);
  close.field(output, "sigma", sigma);
  if (output.has("lambda")) close.field(output, "lambda", lambda);
  if (output.has("rho")) close.field(output, "rho", rho);
}

std::vector<diffode::level<>> list(const diffode::grid& g) { return {g.begin(), g.end()}; }

void check_length(const timed_schedule& schedule, fields& output) {
  if (!output.has("table_length")) return;
  if (!schedule.table_length || *schedule.table_length != output.integer("table_length"))
    throw wrong_case("output.table_length is " + std::to_string(schedule.table_length.value_or(0)) + ", needs " +
                     std::to_string(output.integer("table_length")));
}

void check_inner(fields& output, const char* key, const std::vector<std::optional<double>>& got,
                 const closeness& close) {
  const std::vector<std::optional<double>> wanted = output.numbers_or_null(key);
  if (got.size() != wanted.size()) throw wrong_case(output.name(key) + " has another length than step_orders");
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i].has_value() != wanted[i].has_value()) throw wrong_case(output.name(key) + ": order of step differs");
    if (got[i]) close(output.name(key), *got[i], *wanted[i]);
  }
}

/// Halfway between two nodes rounding errors decide: either of them will do there.
void settle_ties(const diffode::grid& levels, const diffode::lambda_nodes& nodes, std::vector<int>& nearest,
                 const std::vector<int>& wanted) {
  for (std::size_t i = 0; i < nearest.size() && i < wanted.size(); ++i) {
    const double place = (levels[i].lambda - nodes.from) / (nodes.to - nodes.from) * nodes.count;
    const bool tie = std::abs(std::abs(place - nearest[i]) - 0.5) < 1e-9;
    if (tie && std::abs(place - wanted[i]) < 0.5 + 1e-9) nearest[i] = wanted[i];
  }
}

}  // namespace

void check_vp_functions(fields input, fields output, const closeness& close, const std::string& package) {
  const std::vector<double> times = input.numbers("t");
  const timed_schedule schedule = read_schedule(input.object("schedule"), 0.002, 80, package == "dpm-solver");
  input.done();
  std::vector<diffode::level<>> levels;
  std::vector<double> back;
  for (const double t : times) levels.push_back(schedule.path.at(t));
  for (const diffode::level<>& l : levels) back.push_back(schedule.path.at_lambda(l.lambda).t);
  check_length(schedule, output);
  check_levels(levels, output, close);
  close.field(output, "t_of_lambda", back);
  output.done();
}

void check_vp_time_steps(fields input, fields output, const closeness& close, const std::string& package) {
  const ends e = read_ends(input);
  const timed_schedule schedule = read_schedule(input.object("schedule"), e.first, e.last, package == "dpm-solver");
  const std::string skip_type = input.text("skip_type");
  const int count = input.integer("N");
  input.done();
  check_length(schedule, output);
  check_levels(list(steps(skip_type, schedule.path, e, count)), output, close);
  output.done();
}

void check_vp_singlestep_plan(fields input, fields output, const closeness& close, const std::string& package) {
  const ends e = read_ends(input);
  const timed_schedule schedule = read_schedule(input.object("schedule"), e.first, e.last, package == "dpm-solver");
  const std::string skip_type = input.text("skip_type");
  const int nfe = input.integer("nfe");
  const std::vector<int> orders = diffode::singlestep_orders(nfe, input.integer("order"));
  input.done();

  std::vector<double> t;
  if (skip_type == "logSNR") {
    for (const diffode::level<>& l : steps(skip_type, schedule.path, e, static_cast<int>(orders.size())))
      t.push_back(l.t);
  } else {
    const diffode::grid all = steps(skip_type, schedule.path, e, nfe);
    std::size_t done = 0;
    t.push_back(all[0].t);
    for (const int order : orders) t.push_back(all[done += static_cast<std::size_t>(order)].t);
  }
  std::vector<std::optional<double>> r1, r2;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    std::vector<std::optional<double>> r(3);
    if (orders[i] > 1) {
      const diffode::grid inner = steps(skip_type, schedule.path, {t[i], t[i + 1]}, orders[i]);
      const double from = inner.front().lambda, length = inner.back().lambda - from;
      for (int k = 1; k < orders[i]; ++k)
        r[static_cast<std::size_t>(k)] = (inner[static_cast<std::size_t>(k)].lambda - from) / length;
    }
    r1.push_back(r[1]);
    r2.push_back(r[2]);
  }
  check_length(schedule, output);
  expect_equal(output.name("step_orders"), orders, output.integers("step_orders"));
  close.field(output, "t", t);
  check_inner(output, "r1", r1, close);
  check_inner(output, "r2", r2, close);
  output.done();
}

void check_statistics_grid(fields input, fields output, const closeness& close, const std::string& package) {
  const ends e = read_ends(input);
  const timed_schedule schedule = read_schedule(input.object("schedule"), e.first, e.last, package == "dpm-solver");
  const std::string skip_type = input.text("skip_type");
  const int count = input.integer("steps");
  const diffode::lambda_nodes nodes{schedule.path.at(e.first).lambda, schedule.path.at(e.last).lambda,
                                    input.integer("statistics_steps")};
  input.done();
  const diffode::grid wished = steps(skip_type, schedule.path, e, count);
  std::vector<int> nearest = diffode::nearest_nodes(wished, nodes);
  settle_ties(wished, nodes, nearest, output.integers("indexes"));
  std::vector<diffode::level<>> levels;
  for (const int j : nearest) levels.push_back(schedule.path.at_lambda(nodes[j]));
  check_length(schedule, output);
  expect_equal(output.name("indexes"), nearest, output.integers("indexes"));
  check_levels(levels, output, close);
  output.done();
}

void check_deis_time_steps(fields input, fields output, const closeness& close, const std::string& package) {
  fields from = input.object("schedule");
  const ends e = read_ends(from);
  const diffode::noise_path path = read_schedule(from, e.first, e.last, package == "dpm-solver").path;
  const std::string phase = input.text("ts_phase");
  const double exponent = input.number("ts_order");
  const int count = input.integer("steps");
  input.done();
  const diffode::time_steps o{.from = e.first, .to = e.last, .count = count};
  const diffode::sigma_steps by_rho{.sigma_max = diffode::rho(path.at(e.first)),
                                    .sigma_min = diffode::rho(path.at(e.last)),
                                    .count = count,
                                    .end = diffode::ending::keep};
  if (phase == "t") check_levels(list(diffode::power_time(path, o, exponent)), output, close);
  else if (phase == "rho") check_levels(list(diffode::karras(path, by_rho, exponent)), output, close);
  else if (phase == "log") check_levels(list(diffode::exponential(path, by_rho)), output, close);
  else throw wrong_case("input.ts_phase is " + phase + ", needs t, rho or log");
  output.done();
}

}  // namespace goldens
