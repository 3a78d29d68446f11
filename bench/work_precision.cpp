// SPDX-License-Identifier: MIT
//
// Error against evaluations of the model, for every method with its defaults: on models that are known in closed form, and on
// the two networks of examples/digits.

#include "precision_digits.hpp"
#include "precision_methods.hpp"
#include "precision_mixture.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace diffode_bench;

struct options {
  std::vector<std::string> methods;
  std::vector<std::string> models{"closed", "eps", "flow"};
  std::vector<int> evaluations{5, 10, 20, 50, 100};
  std::size_t images = 100;
  int fine = 400;
  std::string data = DIFFODE_DIGITS_DATA, json;
};

/// Methods by evaluations, for each problem and measure.
void print_tables(const std::vector<result_point>& all, const std::vector<int>& budgets) {
  std::vector<std::pair<std::string, std::string>> tables;
  for (const result_point& p : all)
    if (const auto t = std::pair(p.problem, p.measure); std::find(tables.begin(), tables.end(), t) == tables.end()) tables.push_back(t);
  for (const auto& [problem, measure] : tables) {
    std::printf("\n%s: %s, by evaluations\n%-22s", problem.c_str(), measure.c_str(), "");
    for (const int b : budgets) std::printf(" %10d", b);
    std::string method;
    std::size_t column = 0;
    for (const result_point& p : all) {
      if (p.problem != problem || p.measure != measure) continue;
      if (p.method != method) {
        std::printf("\n%-22s", (method = p.method).c_str());
        column = 0;
      }
      for (; budgets[column] != p.budget; ++column) std::printf(" %10s", "-");
      ++column;
      std::printf(" %10.3g", p.error);
    }
    std::printf("\n");
  }
}

void write_json(const std::vector<result_point>& all, const std::string& path) {
  nlohmann::json points = nlohmann::json::array();
  for (const result_point& p : all)
    points.push_back({{"problem", p.problem}, {"method", p.method}, {"measure", p.measure}, {"random", p.random}, {"budget", p.budget},
                      {"evaluations", p.evaluations}, {"steps", p.steps}, {"error", p.error}});
  std::ofstream file(path);
  file << nlohmann::json{{"points", points}}.dump(1) << "\n";
  if (!file) throw std::runtime_error("--json: can not write '" + path + "'");
}

std::vector<candidate> chosen(const options& o) {
  std::vector<candidate> all = candidates(dd::all_methods{});
  if (o.methods.empty()) return all;
  std::string known;
  for (const candidate& c : all) known += (known.empty() ? "" : ", ") + c.name;
  for (const std::string& m : o.methods)
    if (std::none_of(all.begin(), all.end(), [&](const candidate& c) { return c.name == m; }))
      throw std::invalid_argument("--methods has '" + m + "', needs some of " + known);
  std::erase_if(all, [&](const candidate& c) { return std::find(o.methods.begin(), o.methods.end(), c.name) == o.methods.end(); });
  return all;
}

void run(options o) {
  std::sort(o.evaluations.begin(), o.evaluations.end());
  const std::vector<candidate> methods = chosen(o);
  std::vector<result_point> all;
  const auto add = [&](const auto& problem) {
    for (const candidate& c : methods) {
      const std::vector<result_point> some = problem.points(c, o.evaluations);
      all.insert(all.end(), some.begin(), some.end());
    }
  };
  for (const std::string& model : o.models)
    if (model == "closed") add(closed_form{});
    else add(digits_model(o.data, model, o.images, o.fine));
  print_tables(all, o.evaluations);
  if (!o.json.empty()) write_json(all, o.json);
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app("Error against evaluations of the model, for every method with its defaults.", "bench_work_precision");
  app.add_option("--methods", o.methods, "which methods; all if not given")->delimiter(',');
  app.add_option("--models", o.models, "closed (form), and the networks eps and flow")
      ->delimiter(',')->capture_default_str()->check(CLI::IsMember({"closed", "eps", "flow"}));
  app.add_option("--evaluations", o.evaluations, "columns of the tables")->delimiter(',')->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--images", o.images, "digits to draw")->capture_default_str()->check(CLI::Range(20, 10000));
  app.add_option("--fine", o.fine, "steps of the solution that errors on the networks are measured against")->capture_default_str()->check(CLI::Range(2, 100000));
  app.add_option("--data", o.data, "folder with the networks' weights");
  app.add_option("--json", o.json, "file to write the results to");
  CLI11_PARSE(app, argc, argv);
  try {
    run(std::move(o));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_work_precision: %s\n", e.what());
    return 2;
  }
}
