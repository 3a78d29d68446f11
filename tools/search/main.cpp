// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "../shared/file_lock.hpp"
#include "../shared/fingerprint.hpp"
#include "../shared/mixture.hpp"
#include "../shared/output_files.hpp"
#include "../shared/progress_line.hpp"
#include "svg.hpp"

#include <diffode/backend/thread_pool.hpp>
#include <diffode/diffode.hpp>
#include <diffode/search/objectives.hpp>
#include <diffode/search/search_log.hpp>
#include <diffode/statistics/statistics_file.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dd = diffode;

namespace {

std::atomic<bool> interrupted = false;

struct arguments {
  std::string path = "vp_linear", command, out = "schedule.json", log, plot, statistics;
  std::optional<double> from, to;
  std::vector<double> mixture;
  std::vector<std::string> forms{"data", "noise"}, first;
  dd::schedule_space space{.path = dd::vp_linear{}};
  dd::search_options search;
  std::size_t threads = 0, points = 64, validation = 128, held_out = 400;
};

/// A noise path, and the times between which runs go: its ends, where lambda is finite there.
struct known_path {
  dd::noise_path path;
  double from = 1, to = 1e-3;
};
const std::map<std::string, known_path> paths{{"vp_linear", {dd::vp_linear{}}},
                                              {"vp_cosine", {dd::vp_cosine{}, 0.9946}},
                                              {"ve", {dd::ve{}, dd::ve{}.sigma_max, dd::ve{}.sigma_min}},
                                              {"edm", {dd::edm{}, dd::edm{}.sigma_max, dd::edm{}.sigma_min}},
                                              {"flow", {dd::flow{}, 0.999}}};
const std::map<std::string, dd::solver_form> form_names{{"data", dd::solver_form::data}, {"noise", dd::solver_form::noise}, {"v3", dd::solver_form::v3}};
const std::map<std::string, dd::first_prediction> first_names{{"zero_x0", dd::first_prediction::zero_x0}, {"mean_x0", dd::first_prediction::mean_x0}};

/// "1 for vp_linear, ...": one end of each path.
std::string ends_text(double known_path::*end) {
  std::string all;
  for (const auto& [name, known] : paths) all += fmt::format("{}{} for {}", all.empty() ? "" : ", ", known.*end, name);
  return all;
}

void declare(CLI::App& app, arguments& a) {
  app.add_option("--evaluations", a.space.evaluations, "evaluations of the model in a run")->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--path", a.path, "noise path of the model")->check(CLI::IsMember(paths))->capture_default_str();
  app.add_option("--from", a.from, "time at which runs begin; if not given " + ends_text(&known_path::from));
  app.add_option("--to", a.to, "time at which they end; if not given " + ends_text(&known_path::to));
  app.add_option("--forms", a.forms, "predictions that steps may expand")->delimiter(',')->check(CLI::IsMember(form_names))->capture_default_str();
  app.add_option("--statistics", a.statistics, "for v3: statistics of the model, safetensors as diffode_statistics writes; levels are then lambdas of this table, and runs "
                 "go between its ends unless --from and --to say otherwise")->check(CLI::ExistingFile);
  app.add_flag("--estimates", a.space.estimates, "estimate derivatives from fewer or more evaluations than is usual, too");
  app.add_option("--order", a.space.most_order, "largest order of a step")->capture_default_str()->check(CLI::Range(1, 4));
  app.add_option("--corrector", a.space.most_corrector, "largest order of a corrector; 0 or 1 for none")->capture_default_str()->check(CLI::Range(0, 4));
  app.add_option("--first", a.first, "guesses of x0 that the first step may be made with instead of asking the model, for one step more; none if not given")
      ->delimiter(',')->check(CLI::IsMember(first_names));
  app.add_option("--mean", a.space.mean, "mean of the data, for mean_x0: one number, or one for each lane of your runs")->delimiter(',');
  CLI::Option* const command = app.add_option("--command", a.command, "program of yours that scores a schedule: called as COMMAND FILE, with the schedule in FILE as JSON, by several "
                                              "threads at once; the last line that it prints is the score, smaller is better");
  app.add_option("--mixture", a.mixture, "instead of --command, to try the search out: one-dimensional data of normals, WEIGHT,MEAN,DEVIATION for each, all with "
                 "commas; the score is the error to the exact flow")->delimiter(',')->excludes(command);
  app.add_option("--points", a.points, "with --mixture: quantiles that the search scores by")->capture_default_str()->check(CLI::Range(1, 1000000));
  app.add_option("--validation", a.validation, "with --mixture: others, on which the winner is chosen from the best of the search")->capture_default_str()->check(CLI::Range(1, 1000000));
  app.add_option("--held-out", a.held_out, "with --mixture: others again, on which the winner is tested")->capture_default_str()->check(CLI::Range(1, 1000000));
  app.add_option("--tries", a.search.evaluations, "schedules to try, those that the log has included; a larger number goes on with a finished search")
      ->capture_default_str()->check(CLI::Range(1, 100000000));
  app.add_option("--seed", a.search.seed, "of all random choices: the same seed and scores give the same schedule")->capture_default_str()->check(CLI::Range(0, 1000000000));
  app.add_option("--population", a.search.population, "schedules tried before there is anything to learn from")->capture_default_str()->check(CLI::Range(2, 1000000));
  app.add_option("--batch", a.search.batch, "schedules tried between two looks at what was learned")->capture_default_str()->check(CLI::Range(1, 1000000));
  app.add_option("--generations", a.search.generations, "rounds in which schedules are bred by their predicted scores, before a batch of them is tried; 0: bred without "
                 "predictions, which takes less time")->capture_default_str()->check(CLI::Range(0, 100000));
  app.add_option("--threads", a.threads, "schedules tried at the same time, 0 for one on each processor; changes no result")->capture_default_str()->check(CLI::Range(0, 256));
  app.add_option("--out", a.out, "where the best schedule is written")->check(diffode_tools::has_name)->capture_default_str();
  app.add_option("--log", a.log, "every try, one a line; a search goes on from it; if not given OUT with .log.jsonl added")->check(diffode_tools::has_name);
  app.add_option("--plot", a.plot, "SVG of the best score against tries; if not given OUT with .svg added")->check(diffode_tools::has_name);
}

/// What scores depend on: a log with other settings is another search. The number of tries may grow, threads may change.
std::string settings_of(const arguments& a) {
  nlohmann::json all{{"path", a.path}, {"from", a.space.from}, {"to", a.space.to}, {"evaluations", a.space.evaluations}, {"forms", a.forms},
                        {"order", a.space.most_order}, {"corrector", a.space.most_corrector}, {"first", a.first}, {"mean", a.space.mean},
                        {"command", a.command}, {"mixture", a.mixture}, {"points", a.points}, {"seed", a.search.seed},
                        {"population", a.search.population}, {"batch", a.search.batch}, {"generations", a.search.generations}};
  // Only where asked for, so that logs from before there were these stay valid.
  if (a.space.estimates) all["estimates"] = true;
  if (const std::filesystem::path file = a.statistics; !file.empty()) all["statistics"] = diffode_tools::fingerprints(file.parent_path(), {file.filename().c_str()});
  return all.dump();
}

/// Best scores so far, each with the number of tries it took.
using best_so_far = std::vector<std::pair<double, double>>;

/// known  tries that the log had before
struct outcome {
  dd::search_report report{};
  best_so_far best{};
  std::size_t known = 0;
};

std::string drawn(const best_so_far& best, const arguments& a) {
  diffode_bench::plot p{.title = fmt::format("{} evaluations: best score so far", a.space.evaluations), .x_title = "schedules tried", .y_title = "score",
                        .lines = {{.name = "best so far", .points = best}}, .x_ticks = {}};
  for (double tick = 1; !best.empty() && tick <= best.back().first; tick *= 10) p.x_ticks.emplace_back(tick, fmt::format("{:g}", tick));
  return diffode_bench::svg(p).text();
}

template <class Objective>
outcome searched(arguments& a, const Objective& objective) {
  dd::search_log log = dd::search_log::open(a.log, settings_of(a));
  outcome found{.known = log.size()};
  best_so_far& best = found.best;
  if (log.size() > 0) fmt::print(stderr, "{} has {} tries; they are not made again\n", a.log, log.size());
  dd::thread_pool threads(a.threads == 0 ? std::max(1u, std::thread::hardware_concurrency()) : a.threads);
  diffode_tools::progress_line line;
  const auto watch = [&](const dd::search_progress& p) {
    const bool last = p.tried == p.evaluations || interrupted;
    line(fmt::format("{} of {} tried, best {:.6g}", p.tried, p.evaluations, p.best), last);
    if (std::isfinite(p.best) && p.best > 0 && (best.empty() || p.best < best.back().second || last)) best.emplace_back(static_cast<double>(p.tried), p.best);
    return !interrupted;
  };
  found.report = dd::try_schedule_search(a.space, objective, a.search, threads, log, watch).value();
  return found;
}

outcome searched(arguments& a) {
  if (!a.command.empty()) {
    const search_tool::tries_folder folder(a.log);
    return searched(a, search_tool::command{a.command, folder});
  }
  diffode_tools::mixture data;
  for (std::size_t k = 0; k + 2 < a.mixture.size(); k += 3) data.parts.push_back({a.mixture[k], {a.mixture[k + 1]}, a.mixture[k + 2]});
  const auto net = [&data](std::span<const double> x, const dd::level<>& at, std::span<double> out) { data.eps(x, at, out); };
  const dd::level<> start = a.space.path.at(a.space.from), end = a.space.path.at(a.space.to);
  const auto on = [&](std::size_t points) { return dd::error_to{a.space.path, dd::eps(net), data.quantiles(start, points), data.quantiles(end, points)}; };
  outcome found = searched(a, on(a.points));
  dd::search_report& report = found.report;
  if (report.best.empty()) return found;
  report.best = dd::rescored(std::move(report.best), on(a.validation));
  const dd::scored& winner = report.best[0];
  fmt::print("error {:.4g} on the {} quantiles of the search, {:.4g} on the {} it was chosen on, {:.4g} on {} others\n", on(a.points)(winner.schedule), a.points, winner.score, a.validation,
             on(a.held_out)(winner.schedule), a.held_out);
  return found;
}

void check_files(const arguments& a) {
  std::vector<diffode_tools::named_file> files{{"--out", a.out}, {"--log", a.log}, {"--plot", a.plot}, {"the lock of --log", diffode_tools::file_lock::path_for(a.log)}};
  if (!a.command.empty()) files.push_back({"the folder of tries of --log", search_tool::tries_folder::path_for(a.log)});
  diffode_tools::check_apart(files);
  diffode_tools::check_writable({"--out", a.out});
  diffode_tools::check_writable({"--plot", a.plot});
  diffode_tools::check_place({"--log", a.log});
}

/// Statistics of a table decide where levels can be, so where runs begin and end.
void take_statistics(arguments& a) {
  const bool wanted = std::find(a.forms.begin(), a.forms.end(), "v3") != a.forms.end();
  if (wanted != !a.statistics.empty())
    throw std::runtime_error(wanted ? "--forms has v3, needs --statistics: without, v3 is data" : "--statistics is '" + a.statistics + "', needs v3 among --forms, which alone uses it");
  if (!wanted) return;
  a.space.statistics = dd::load_statistics(a.statistics).table();
  if (!a.mixture.empty() && a.space.statistics.columns() != 1)
    throw std::runtime_error(fmt::format("--statistics has {} columns, needs 1 with --mixture, which has one dimension", a.space.statistics.columns()));
  const std::span<const double> lambda = a.space.statistics.lambda();
  const auto [low, high] = std::minmax(lambda.front(), lambda.back());
  if (!a.from) a.space.from = a.space.path.at_lambda(low).t;
  if (!a.to) a.space.to = a.space.path.at_lambda(high).t;
}

void check(arguments& a) {
  try {
    static_cast<void>(nlohmann::json(a.command).dump());
  } catch (const nlohmann::json::type_error&) {
    const std::string shown = nlohmann::json(a.command).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    throw std::runtime_error("--command is " + shown + ", needs UTF-8, for the log that it is kept in");
  }
  if (a.command.empty() && a.mixture.empty()) throw std::runtime_error("needs --command or --mixture, to score schedules by");
  bool sound = a.mixture.size() % 3 == 0;
  for (std::size_t k = 0; sound && k + 2 < a.mixture.size(); k += 3) sound = a.mixture[k] > 0 && a.mixture[k + 2] > 0;
  if (!sound) throw std::runtime_error("--mixture needs three numbers for each normal: a weight above 0, a mean, a deviation above 0");
  if (a.points < 1 || a.validation < 1 || a.held_out < 1) throw std::runtime_error("--points, --validation and --held-out need at least 1");
  const known_path& known = paths.at(a.path);
  a.space.path = known.path, a.space.from = a.from.value_or(known.from), a.space.to = a.to.value_or(known.to);
  take_statistics(a);
  a.space.forms.clear();
  for (const std::string& f : a.forms) a.space.forms.push_back(form_names.at(f));
  for (const std::string& f : a.first) a.space.first.push_back(first_names.at(f));
  // Before the log is opened: a log belongs to its settings, and these must not be wrong ones.
  if (const dd::fault f = a.space.check()) throw std::runtime_error(f->what());
  for (const double v : a.mixture)
    if (!std::isfinite(v)) throw std::runtime_error("--mixture has a number that is not finite, needs finite ones");
  if (a.log.empty()) a.log = a.out + ".log.jsonl";
  if (a.plot.empty()) a.plot = a.out + ".svg";
  check_files(a);
}

/// Why there is no schedule to write; nothing where there is one.
std::string no_schedule(const outcome& found) {
  const dd::search_report& report = found.report;
  if (report.tried < found.known && !report.finished) return fmt::format("stopped before the {} tries of the log were gone through again", found.known);
  if (report.tried == 0) return "stopped before a schedule was scored";
  return std::isfinite(report.best[0].score) ? "" : fmt::format("none of {} schedules has a finite score", report.tried);
}

void write(const arguments& a, const outcome& found) {
  const dd::search_report& report = found.report;
  if (const std::string why = no_schedule(found); !why.empty()) {
    fmt::print("{}, {}: not written, {}\n", a.out, a.plot, why);
    return;
  }
  diffode_tools::write_file(a.out, dd::to_json(report.best[0].schedule));
  fmt::print("{}: the best of {} schedules{}, score {:.6g}, try number {}\n", a.out, report.tried, report.finished ? "" : " tried so far", report.best[0].score, report.best[0].index);
  // After the schedule: a plot that fails must not lose it.
  if (found.best.empty()) return fmt::print("{}: not written, no score is above 0\n", a.plot);
  diffode_tools::write_file(a.plot, drawn(found.best, a));
  fmt::print("{}: best score against tries\n", a.plot);
}

int run(int argc, char** argv) {
  CLI::App app("Looks for the schedule of solver choices and times that is best with few evaluations of a model.\n"
               "Needs --command or --mixture, to score schedules by, as in\n"
               "  diffode_search --evaluations 6 --path vp_linear --command ./score --out six.json\n"
               "Ctrl-C stops it with everything saved; the same command goes on. Exit status: 0, 2 if arguments or files\n"
               "make no sense or the command fails, 130 if it was stopped.");
  arguments a;
  declare(app, a);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  check(a);
  struct sigaction stop {};
  stop.sa_handler = [](int) { interrupted = true; };
  // Once: a second Ctrl-C ends the program at once, and the log has all that was tried.
  stop.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  ::sigaction(SIGINT, &stop, nullptr);
  ::sigaction(SIGTERM, &stop, nullptr);

  const diffode_tools::file_lock alone({"--log", a.log});
  const outcome found = searched(a);
  if (found.report.finished && !no_schedule(found).empty()) throw std::runtime_error(no_schedule(found) + ": see " + a.log);
  write(a, found);
  fmt::print("{}: every try, {} of them\n", a.log, std::max(found.known, found.report.tried));
  if (found.report.finished) return 0;
  fmt::print("stopped; the same command goes on\n");
  return 130;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::fflush(stdout);
    std::fprintf(stderr, "diffode_search: %s\n", e.what());
    return 2;
  }
}
