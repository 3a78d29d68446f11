// SPDX-License-Identifier: MIT
#include "runner.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <iostream>
#include <regex>
#include <stdexcept>

namespace {

int run(int argc, char** argv) {
  CLI::App app("Runs golden cases of schedules, grids and solvers through diffode, and compares.\n"
               "Exit status: 0 if no case failed, 1 if one did, 2 if the arguments or a file make no sense.");
  goldens::request wanted;
  std::string family, filter;
  double tolerance = 1e-9;
  app.add_option("DIR", wanted.paths, "folders with golden files, or golden files")->required();
  app.add_option("--family", family, "run the cases of one family only")
      ->check(CLI::IsMember({"grid", "trajectory", "pipeline"}));
  app.add_option("--filter", filter, "run only cases whose id has a match of this regular expression");
  const CLI::Option* near =
      app.add_option("--tolerance", tolerance, "largest |x - x_ref| / (1 + max |x_ref|); 1e-9 if not given")
          ->check(CLI::PositiveNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (!family.empty()) wanted.family = family;
  try {
    if (!filter.empty()) wanted.filter = std::regex(filter);
  } catch (const std::regex_error& e) {
    throw std::runtime_error("--filter " + filter + " is no regular expression: " + e.what());
  }
  if (near->count() > 0) wanted.tolerance = tolerance;
  return goldens::run_all(wanted, std::cout).failed > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cout.flush();
    std::fprintf(stderr, "diffode_goldens: %s\n", e.what());
    return 2;
  }
}
