// SPDX-License-Identifier: MIT
#pragma once

#include "../shared/progress_line.hpp"
#include "files.hpp"
#include "fine_file.hpp"
#include "made_before.hpp"
#include "standard.hpp"
#include "stoppable.hpp"
#include "subject.hpp"

#include <diffode/adapter/json.hpp>
#include <diffode/backend/thread_pool.hpp>
#include <diffode/core/version.hpp>
#include <diffode/search/ays_search.hpp>
#include <diffode/search/fit_compensation.hpp>
#include <diffode/search/gits_search.hpp>
#include <diffode/search/objectives.hpp>
#include <diffode/search/search_log.hpp>
#include <diffode/search/table_of.hpp>
#include <diffode/search/tune.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diffode_tune {

struct choices {
  std::string model = "digits-eps";
  std::vector<int> steps{4, 5, 6, 8};
  std::size_t fit = 64, validate = 64, test = 200, tries = 0, search_samples = 64;
  std::uint64_t seed = 1;
  int fine = 150;
  std::filesystem::path out = "tuned", data = DIFFODE_DIGITS_DATA;
  bool ays = false, compensate = false, quiet = false;
  dd::tune_options tune{};
};

/// Root of the mean square.
template <class T>
double rms(const std::vector<T>& a, std::span<const T> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (static_cast<double>(a[i]) - static_cast<double>(b[i])) * (static_cast<double>(a[i]) - static_cast<double>(b[i]));
  return std::sqrt(sum / static_cast<double>(a.size()));
}

/// Finds plans for one model, and says what they are worth.
template <class T, class Form, class Net>
class tuner {
 public:
  tuner(const choices& c, const subject<T, Form, Net>& s)
      : c_(c), s_(s), model_{s.model.form, {s.model.net}}, fine_(dd::uniform_lambda(s.on.path, {.from = s.on.from, .to = s.on.to, .count = c.fine})),
        // Three streams of noise: what coefficients are fitted to, what choices are made by, and what nothing but the last table sees.
        fitted_to_(course(1, c.fit)), held_out_(course(2, c.validate)), unseen_(course(3, c.test)) {}

  void run() {
    fmt::print("{}: error to a fine solution, squared Frechet distance to the data, on {} samples of unseen noise\n", s_.name, c_.test);
    fmt::print("{:<28} {}\n", "fine solution", shown(std::vector<T>(unseen_.ends().begin(), unseen_.ends().end())));
    for (const int steps : c_.steps) {
      fmt::print("{} evaluations\n", steps);
      const fixed_start fixed = show_fixed(steps);
      const std::optional<dd::solver_schedule> found = c_.tries > 0 ? searched(steps) : std::nullopt;
      tune(steps, found, fixed);
      std::fflush(stdout);
    }
  }

 private:
  using course_type = dd::teacher_course<T>;

  /// Fine solution 1, 2 or 3, made or read; each has a seed of its own.
  course_type course(int which, std::size_t count) const {
    const std::uint64_t seed = 3 * c_.seed + static_cast<std::uint64_t>(which - 1);
    const std::string version = fmt::format("{}.{}.{}", DIFFODE_VERSION_MAJOR, DIFFODE_VERSION_MINOR, DIFFODE_VERSION_PATCH);
    const fine_file<T> file(c_.out, s_.name, of_files({{"model", s_.name}, {"teacher", "unipc 3"}, {"version", version}, {"samples", count}, {"seed", seed}, {"fine", c_.fine}, {"from", s_.on.from}, {"to", s_.on.to}}));
    std::vector<T> starts = s_.starts(count, seed);
    if (std::optional<course_type> known = file.load(fine_, starts, count)) return *std::move(known);
    int asked = 0;
    const auto say = [&] {
      ++asked;
      if (!c_.quiet) line_(fmt::format("fine solution {} of 3, {} samples: evaluation {} of {}", which, count, asked, c_.fine), asked == c_.fine);
    };
    try {
      course_type made = course_type::try_make(dd::unipc{.p = 3}, fine_, dd::model<Form, told<stoppable<Net>, decltype(say)>>{model_.form, {model_.net, say}}, std::move(starts), count).value();
      line_.end();
      file.save(made);
      return made;
    } catch (const stopped&) {
      line_.end();
      throw stopped{.fine = which};
    }
  }
  std::vector<T> ends(const auto& method, const dd::grid& g) const {
    std::vector<T> x(unseen_.starts().begin(), unseen_.starts().end());
    dd::sample(dd::shared_plan(dd::compile(method, g, model_.form)), model_, x, {.batch = c_.test});
    return x;
  }
  dd::detail::tuning<Form, stoppable<Net>, T> task() const { return {model_, fitted_to_, held_out_, c_.tune}; }
  std::string shown(const std::vector<T>& x) const { return fmt::format("{:8.4f} {:9.4f}", rms(x, unseen_.ends()), s_.frechet(x)); }

  /// The least error of a fixed method where the figures are of, and the one with the least on held-out samples, as a table.
  struct fixed_start {
    double least = HUGE_VAL;
    dd::coefficient_table table;
    double held_out = HUGE_VAL;
    std::string name;
  };
  fixed_start show_fixed(int steps) const {
    fixed_start best;
    for (const auto& [name, method] : fixed_methods()) {
      double least = HUGE_VAL;
      std::string line;
      for (const auto& [grid_name, g] : standard_grids(s_.on, steps)) {
        // Named again because Clang 14 and 15 let no lambda take a structured binding by itself.
        const std::vector<T> x = std::visit([&, &g = g](const auto& known) { return ends(known, g); }, method);
        if (const double off = rms(x, unseen_.ends()); off < least) least = off, line = fmt::format("  {:<26} {}  {}", name, shown(x), grid_name);
        const dd::result<dd::coefficient_table> table = std::visit([&, &g = g](const auto& known) { return dd::try_table_of(known, g); }, method);
        if (const double off = table ? task().error(table.value(), held_out_) : HUGE_VAL; off < best.held_out)
          best.table = table.value(), best.held_out = off, best.name = name + ", " + grid_name;
      }
      fmt::print("{}\n", line);
      best.least = std::fmin(best.least, least);
    }
    return best;
  }

  /// DC-Solver's compensation of the best fixed method: one more table to descend from.
  dd::coefficient_table compensated(const dd::coefficient_table& from) const {
    const auto error = [&](const dd::coefficient_table& t) {
      const double off = task().error(t, fitted_to_);
      return std::isfinite(off) ? off : HUGE_VAL;
    };
    const dd::coefficient_table made = dd::compensated(from, dd::fit_compensation(from, error));
    fmt::print("  {:<26} {}  of the best fixed\n", "compensated", shown(ends(made, dd::from_times(s_.on.path, made.times))));
    return made;
  }

  plan_files files(int steps) const { return {c_.out, s_.name, steps}; }
  nlohmann::json settings(int steps) const {
    return of_files({{"model", s_.name}, {"steps", steps}, {"fit", c_.fit}, {"validate", c_.validate}, {"seed", c_.seed}, {"fine", c_.fine}});
  }
  /// Choices, with the weights and images that what they make belongs to. A built-in model has none, and its choices stay as they are.
  nlohmann::json of_files(nlohmann::json choices) const {
    if (!s_.files.empty()) choices["files"] = s_.files;
    return choices;
  }

  /// The evolutionary search for a schedule of solver choices, scored on some of the samples, its winner chosen on the held-out ones.
  std::optional<dd::solver_schedule> searched(int steps) const {
    const std::filesystem::path file = files(steps).searched;
    const dd::schedule_space space{.path = s_.on.path, .from = s_.on.from, .to = s_.on.to, .evaluations = steps};
    const std::size_t count = std::min(c_.search_samples, c_.fit), size = count * s_.size;
    const auto first = [&](std::span<const T> all) { return std::vector<T>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)); };
    const dd::error_to objective{s_.on.path, s_.model, first(fitted_to_.starts()), first(fitted_to_.ends()), count};
    const auto all = [](std::span<const T> x) { return std::vector<T>(x.begin(), x.end()); };
    const dd::error_to judge{s_.on.path, s_.model, all(held_out_.starts()), all(held_out_.ends()), c_.validate};
    nlohmann::json made_with = settings(steps);
    made_with["samples"] = count;
    const std::filesystem::path log_file = files(steps).log;
    forget_other_files(log_file, first_line(log_file), made_with);
    dd::search_log log = dd::search_log::open(log_file.string(), made_with.dump());
    const auto watch = [&](const dd::search_progress& p) {
      if (!c_.quiet) line_(fmt::format("  schedules: {} of {}, error {:.5f}", p.tried, p.evaluations, p.best), p.tried == p.evaluations);
      return interrupted == 0;
    };
    dd::thread_pool threads;
    dd::search_report report = dd::try_schedule_search(space, objective, {.seed = c_.seed, .evaluations = c_.tries}, threads, log, watch).value();
    if (!report.finished) throw stopped{};
    if (report.best.empty()) return std::nullopt;
    const dd::solver_schedule best = dd::rescored(std::move(report.best), judge)[0].schedule;
    write_file(file, dd::to_json(best) + "\n");
    fmt::print("  {:<26} {}  {} schedules tried\n", "searched", shown(ends(best, dd::from_times(s_.on.path, best.times))), report.tried);
    fmt::print("wrote {}\n", file.string());
    return best;
  }

  void tune(int steps, const std::optional<dd::solver_schedule>& found, const fixed_start& fixed) const {
    dd::tune_options how = c_.tune;
    if (found) {
      // Schedules with an evaluation of their own for the corrector are no tables.
      const auto table = dd::try_table_of(*found, dd::from_times(s_.on.path, found->times));
      if (table) how.begin.push_back(table.value());
    }
    std::vector<resumed> states;
    std::optional<dd::tuned> best;
    nlohmann::json all_choices = settings(steps);
    all_choices["sweeps"] = how.times.sweeps, all_choices["iterations"] = how.refine.iterations, all_choices["ridge"] = how.refine.ridge, all_choices["tries"] = c_.tries;
    // Only where asked for, so that files of choices made before there were these stay valid.
    if (c_.ays) all_choices["ays"] = true;
    if (c_.compensate) all_choices["compensate"] = true;
    const plan_files written = files(steps);
    const finished_plan plan(written.plan, all_choices);
    if (const std::optional<dd::coefficient_table> table = plan.load(s_.on.path)) {
      const std::vector<T> x = ends(*table, dd::from_times(s_.on.path, table->times));
      fmt::print("  {:<26} {}  {:.2f} of the best fixed; {} is there already, made by the same choices\n", "tuned", shown(x), rms(x, unseen_.ends()) / fixed.least, plan.path().string());
      return;
    }
    if (c_.compensate && !fixed.table.rows.empty()) how.begin.push_back(compensated(fixed.table));
    // A first row that asks the model nothing leaves its evaluation to a later one.
    for (const bool asks_first : {true, false}) {
      const int rows = asks_first ? steps : steps + 1;
      std::vector<dd::grid> from;
      for (const auto& [name, g] : standard_grids(s_.on, rows)) from.push_back(g);
      if (found && asks_first) from.push_back(dd::from_times(s_.on.path, found->times));
      const dd::grid points = dd::uniform_lambda(s_.on.path, {.from = s_.on.from, .to = s_.on.to, .count = 60});
      std::vector<T> x(fitted_to_.starts().begin(), fitted_to_.starts().end());
      from.push_back(dd::gits_search(dd::dpmpp_2m{}, points, model_, x, {.steps = rows}, {.batch = c_.fit}));
      if (c_.ays) {
        const std::vector<T> data = s_.data(c_.fit);
        from.push_back(dd::ays_search(points, model_, data, {.steps = rows, .seed = c_.seed}, data.size() / s_.size));
      }
      nlohmann::json made_with = all_choices;
      made_with["rows"] = rows;
      const resumed& state = states.emplace_back(asks_first ? written.state : written.first_state, made_with);
      if (std::filesystem::exists(state.path())) forget_other_files(state.path(), read_file(state.path()), made_with);
      how.fit.asks_first = asks_first;
      const auto watch = [&](const dd::tune_state& p) {
        state.save(p);
        if (!c_.quiet) line_(progress_text(p, from.size(), rows));
        return interrupted == 0;
      };
      dd::tuned t = dd::try_tune(std::span<const dd::grid>(from), model_, fitted_to_, held_out_, how, state.load(), watch).value();
      how.begin.clear();
      line_.end();
      if (interrupted) throw stopped{};
      if (!best || t.refined < best->refined) best = std::move(t);
    }
    if (fixed.held_out <= best->refined) {
      fmt::print("  nothing tuned is better than {} on held-out samples ({:.4f}, that is {:.4f}): give --fit and --validate more samples; this method is what is written\n",
                 fixed.name, best->refined, fixed.held_out);
      best->table = fixed.table, best->refined = fixed.held_out;
    }
    plan.save(best->table);
    for (const resumed& state : states) state.done();
    const std::vector<T> x = ends(best->table, dd::from_times(s_.on.path, best->table.times));
    fmt::print("  {:<26} {}  {:.2f} of the best fixed; {} rows; held out: fitted {:.4f}, times {:.4f}, all {:.4f}\n", "tuned", shown(x),
               rms(x, unseen_.ends()) / fixed.least, best->table.rows.size(), best->fitted, best->timed, best->refined);
    fmt::print("wrote {}\n", plan.path().string());
  }

  static std::string progress_text(const dd::tune_state& p, std::size_t grids, int rows) {
    if (p.refine.iteration > 0) return fmt::format("  {} rows, all numbers: iteration {}, error {:.5f} where it is fitted", rows, p.refine.iteration, std::sqrt(p.refine.mean_square));
    if (p.times.lambda.empty()) return fmt::format("  {} rows, fits: {} of {} grids", rows, p.fitted.size(), grids);
    return fmt::format("  {} rows, times: sweep {}, error {:.5f}", rows, p.times.sweep, p.times.score);
  }

  const choices& c_;
  const subject<T, Form, Net>& s_;
  dd::model<Form, stoppable<Net>> model_;
  mutable diffode_tools::progress_line line_;
  dd::grid fine_;
  course_type fitted_to_, held_out_, unseen_;
};

}  // namespace diffode_tune
