// SPDX-License-Identifier: MIT
//
// Tunes plans of few evaluations to a model, and says what they are worth on noise that the tuning never saw.

#include "../shared/number_in.hpp"
#include "tuner.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// A fine solution is kept when it is whole: whoever stops in one is told so.
std::string stopped_text(const diffode_tune::stopped& s, const std::string& out) {
  if (s.fine == 0) return fmt::format("stopped; what is done lies in {}, the same command goes on from there", out);
  if (s.fine == 1) return "stopped in fine solution 1 of 3, before there was anything to keep: the same command begins anew";
  return fmt::format("stopped in fine solution {} of 3; those before it lie in {}, the same command goes on from there", s.fine, out);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace diffode_tune;
  CLI::App app("Tunes plans of few evaluations to a model: coefficients and times of a linear multistep run.\n"
               "Ctrl-C stops it with all saved but the fine solution under way, a second one at once; the same command goes on. Exit status: 0, 1 if something fails,\n"
               "2 if an argument makes no sense, 130 if it was stopped.");
  choices c;
  app.add_option("--model", c.model, "digits-eps, digits-flow, mixture (one dimension), ring (two) or cloud (eight)")->capture_default_str()->check(CLI::IsMember(known_models()));
  app.add_option("--steps", c.steps, "evaluations of each plan")->delimiter(',')->capture_default_str()->check(CLI::Range(1, 31));
  app.add_option("--search", c.tries, "schedules of solver choices to try first; the tuning goes on from the best")->capture_default_str()->check(CLI::Range(0, 1000000));
  app.add_option("--search-samples", c.search_samples, "samples that these are scored on")->capture_default_str()->check(CLI::Range(1, 100000));
  app.add_option("--fit", c.fit, "samples that coefficients are fitted to")->capture_default_str()->check(CLI::Range(2, 100000));
  app.add_option("--validate", c.validate, "samples that choices are made by")->capture_default_str()->check(CLI::Range(2, 100000));
  app.add_option("--test", c.test, "samples that figures are of")->capture_default_str()->check(CLI::Range(2, 100000));
  app.add_option("--seed", c.seed, "of all noise")->capture_default_str()->check(CLI::Range(0, 1000000000));
  app.add_option("--fine", c.fine, "evaluations of the fine solution")->capture_default_str()->check(CLI::Range(4, 5000));
  app.add_option("--sweeps", c.tune.times.sweeps, "of the search over times, at most")->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--iterations", c.tune.refine.iterations, "of the descent over all numbers, at most")->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--ridge", c.tune.refine.ridge, "of that descent")->capture_default_str()->check(diffode_tools::number_in(0, 1e6));
  app.add_option("--out", c.out, "folder for the plans")->check(diffode_tools::has_name)->capture_default_str();
  app.add_option("--data", c.data, "folder of the digits networks")->capture_default_str();
  app.add_flag("--ays", c.ays, "begin with the grid of Align Your Steps too, besides the standard ones and that of GITS");
  app.add_flag("--compensate", c.compensate, "descend also from the best fixed method with DC-Solver's compensation");
  app.add_flag("--quiet", c.quiet, "no progress");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  for (const int signal : {SIGINT, SIGTERM})
    std::signal(signal, [](int received) {
      interrupted = 1;
      std::signal(received, SIG_DFL);
    });
  try {
    check_folder(c.out);
    std::vector<diffode_tools::file_lock> locks;
    for (const int steps : std::set<int>(c.steps.begin(), c.steps.end())) locks.push_back(only_writer({c.out, c.model, steps}));
    with_subject(c.model, c.data, [&](const auto& s) { tuner(c, s).run(); });
    return 0;
  } catch (const stopped& s) {
    std::fflush(stdout);
    fmt::print(stderr, "\n{}\n", stopped_text(s, c.out.string()));
    return 130;
  } catch (const std::invalid_argument& e) {
    fmt::print(stderr, "diffode_tune: {}\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fflush(stdout);
    fmt::print(stderr, "diffode_tune: {}\n", e.what());
    return 1;
  }
}
