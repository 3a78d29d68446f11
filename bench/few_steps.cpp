// SPDX-License-Identifier: MIT
//
// What each method makes of few evaluations: error to a fine solution of the same equation, and squared Frechet distance to the
// data, on noise that no search and no fit has seen. Writes the tables of docs/few_steps.md.

#include "few_steps_runs.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

using namespace diffode_bench;

std::string number(double v) { return std::isfinite(v) ? fmt::format("{:.3g}", v) : "-"; }

void print_table(const few_steps_result& r, const std::vector<int>& budgets, bool error) {
  std::printf("\n%s, %s:\n\n| method |", r.name.c_str(), error ? "error to the fine solution" : "squared Fréchet distance to the data");
  for (const int b : budgets) std::printf(" %d |", b);
  std::printf("\n|---|");
  for (std::size_t k = 0; k < budgets.size(); ++k) std::printf("---:|");
  for (const few_steps_row& row : r.rows) {
    std::printf("\n| %s |", row.name.c_str());
    for (const few_steps_cell& c : row.cells) std::printf(" %s |", number(error ? c.error : c.frechet).c_str());
  }
  std::printf("\n");
}

/// Whether a searched or tuned plan is nearest to the fine solution at every budget up to 10, with at most `share` of the error of
/// the best other method.
bool plans_win(const few_steps_result& r, const std::vector<int>& budgets, double share) {
  bool all = true;
  for (std::size_t k = 0; k < budgets.size(); ++k) {
    if (budgets[k] > 10) continue;
    double fixed = HUGE_VAL, plans = HUGE_VAL;
    std::string best;
    for (const few_steps_row& row : r.rows) {
      if (row.plan) plans = std::fmin(plans, row.cells[k].error);
      else if (row.cells[k].error < fixed) fixed = row.cells[k].error, best = row.name;
    }
    const bool won = std::isfinite(fixed) && plans < fixed && plans <= share * fixed;
    if (!won) all = false;
    std::fprintf(stderr, "%s, %d evaluations: plans %.4g, best fixed %.4g (%s), ratio %.2f%s\n", r.name.c_str(), budgets[k], plans, fixed, best.c_str(), plans / fixed, won ? "" : plans < fixed ? ", NOT THAT MUCH BETTER" : ", NOT BETTER");
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Error and Frechet distance of every few-step method, on noise that no search has seen. Exit status: 0, 1 if something fails, or,\n"
               "with --check, if no searched or tuned plan beats the fixed methods at some budget up to 10, with at most the share --at-most of their error.");
  few_steps_choices c;
  bool check = false;
  double at_most = 1;
  app.add_option("--models", c.models, "some of digits-eps, digits-flow, mixture, ring, cloud")->delimiter(',')->capture_default_str()->check(CLI::IsMember(diffode_tune::known_models()));
  app.add_option("--methods", c.methods, "rows of the tables, by their names; all if not given");
  app.add_option("--evaluations", c.budgets, "of each run")->delimiter(',')->capture_default_str()->check(CLI::Range(1, 31));
  app.add_option("--samples", c.samples, "that all figures are of")->capture_default_str()->check(CLI::Range(2, 100000));
  app.add_option("--seed", c.seed, "of their noise")->capture_default_str()->check(CLI::Range(0, 1000000000));
  app.add_option("--fine", c.fine, "evaluations of the fine solution")->capture_default_str()->check(CLI::Range(4, 5000));
  app.add_option("--measured", c.measured, "samples that DPM-Solver-v3's statistics of a mixture are measured on")->capture_default_str()->check(CLI::Range(2, 1000000));
  app.add_option("--plans", c.plans, "folder of tuned and searched plans, as diffode_tune writes them")->capture_default_str();
  app.add_option("--data", c.data, "folder of the digits networks, and of their statistics")->capture_default_str();
  app.add_flag("--check", check, "fail where no plan beats the fixed methods");
  app.add_option("--at-most", at_most, "share of the best fixed method's error that --check allows a plan")->capture_default_str()->check(CLI::Range(0.0, 1.0));
  CLI11_PARSE(app, argc, argv);
  std::sort(c.budgets.begin(), c.budgets.end());
  try {
    bool won = true;
    for (const std::string& model : c.models) {
      const few_steps_result r = run_few_steps(c, model);
      for (const bool error : {true, false}) print_table(r, c.budgets, error);
      won = plans_win(r, c.budgets, at_most) && won;
    }
    return check && !won ? 1 : 0;
  } catch (const std::exception& e) {
    std::fflush(stdout);
    std::fprintf(stderr, "bench_few_steps: %s\n", e.what());
    return 1;
  }
}
