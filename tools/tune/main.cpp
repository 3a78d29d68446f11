// SPDX-License-Identifier: MIT
//
// Tunes plans of few evaluations to a model, and says what they are worth on noise that the tuning never saw.

#include "standard.hpp"
#include "subject.hpp"

#include "frechet.hpp"
#include "real_digits.hpp"

#include <diffode/adapter/json.hpp>
#include <diffode/search/gits_search.hpp>
#include <diffode/search/tune.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace diffode_tune;
namespace fs = std::filesystem;

volatile std::sig_atomic_t interrupted = 0;

struct choices {
  std::string model = "digits-eps";
  std::vector<int> steps{4, 5, 6, 8};
  std::size_t fit = 64, validate = 64, test = 200;
  std::uint64_t seed = 1;
  int fine = 150;
  fs::path out = "tuned", data = DIFFODE_DIGITS_DATA;
  bool quiet = false;
  dd::tune_options tune{};
};

/// Replaces a file at once: who is killed leaves the old one or the new one.
void write_file(const fs::path& path, const std::string& text) {
  const fs::path part = path.string() + ".part";
  std::ofstream file(part, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + part.string());
  fs::rename(part, path);
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Where a search over times was when it was interrupted, for exactly these choices.
class resumed {
 public:
  resumed(fs::path path, nlohmann::json settings) : path_(std::move(path)), settings_(std::move(settings)) {}

  dd::time_search_state load() const {
    if (!fs::exists(path_)) return {};
    const nlohmann::json j = nlohmann::json::parse(read_file(path_), nullptr, false);
    if (!j.is_object() || j.value("settings", nlohmann::json()) != settings_)
      throw std::runtime_error(path_.string() + " was made with other choices, needs the same ones, or another --out");
    return {.lambda = j.at("lambda").get<std::vector<double>>(), .step = j.at("step").get<double>(), .score = j.at("score").get<double>(), .sweep = j.at("sweep").get<int>()};
  }
  void save(const dd::time_search_state& s) const {
    write_file(path_, nlohmann::json{{"settings", settings_}, {"lambda", s.lambda}, {"step", s.step}, {"score", s.score}, {"sweep", s.sweep}}.dump(2) + "\n");
  }
  void done() const { fs::remove(path_); }

 private:
  fs::path path_;
  nlohmann::json settings_;
};

/// Root of the mean square.
template <class T>
double rms(const std::vector<T>& a, std::span<const T> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (static_cast<double>(a[i]) - static_cast<double>(b[i])) * (static_cast<double>(a[i]) - static_cast<double>(b[i]));
  return std::sqrt(sum / static_cast<double>(a.size()));
}

template <class T>
using quality = std::function<std::optional<double>(const std::vector<T>&)>;

template <class T, class Form, class Net>
void tune_all(const choices& c, const span_of_levels& on, const dd::model<Form, Net>& m, std::size_t size, const quality<T>& frechet) {
  dd::tune_options how = c.tune;
  const dd::grid fine = dd::uniform_lambda(on.path, {.from = on.from, .to = on.to, .count = c.fine});
  const auto course = [&](std::size_t count, std::uint64_t seed) {
    if (!c.quiet) fmt::print(stderr, "fine solution of {} samples, {} evaluations\n", count, c.fine);
    return dd::teacher_course<T>::try_make(dd::unipc{.p = 3}, fine, m, starts<T>(fine.front(), count, size, seed), count).value();
  };
  // Three streams of noise: what coefficients are fitted to, what choices are made by, and what nothing but the last table sees.
  const auto fitted_to = course(c.fit, 3 * c.seed), held_out = course(c.validate, 3 * c.seed + 1), unseen = course(c.test, 3 * c.seed + 2);
  const auto ends = [&](const auto& method, const dd::grid& g) {
    std::vector<T> x(unseen.starts().begin(), unseen.starts().end());
    dd::sample(method, g, m, x, {.batch = c.test});
    return x;
  };
  const auto shown = [&](const std::vector<T>& x) {
    const auto d = frechet(x);
    return fmt::format("{:8.4f} {:>9}", rms(x, unseen.ends()), d ? fmt::format("{:.4f}", *d) : "-");
  };
  fmt::print("{}: error to a fine solution{} on {} samples of unseen noise\n", c.model, frechet(ends(dd::ddim{}, fine)) ? ", squared Frechet distance to real digits," : "", c.test);
  fmt::print("{:<28} {}\n", "fine solution", shown(std::vector<T>(unseen.ends().begin(), unseen.ends().end())));
  fs::create_directories(c.out);
  for (const int steps : c.steps) {
    const auto grids = standard_grids(on, steps);
    fmt::print("{} evaluations\n", steps);
    double best_fixed = HUGE_VAL;
    for (const auto& [name, method] : fixed_methods()) {
      double least = HUGE_VAL;
      std::string line;
      for (const auto& [grid_name, g] : grids) {
        const std::vector<T> x = std::visit([&](const auto& known) { return ends(known, g); }, method);
        if (const double off = rms(x, unseen.ends()); off < least) least = off, line = fmt::format("  {:<26} {}  {}", name, shown(x), grid_name);
      }
      fmt::print("{}\n", line);
      best_fixed = std::fmin(best_fixed, least);
    }
    const fs::path plan = c.out / fmt::format("{}-{}.json", c.model, steps);
    std::vector<resumed> states;
    std::optional<dd::tuned> best;
    // A first row that asks the model nothing leaves its evaluation to a later one.
    for (const bool asks_first : {true, false}) {
      const int rows = asks_first ? steps : steps + 1;
      std::vector<dd::grid> from;
      for (const auto& [name, g] : standard_grids(on, rows)) from.push_back(g);
      const dd::grid points = dd::uniform_lambda(on.path, {.from = on.from, .to = on.to, .count = 60});
      std::vector<T> x(fitted_to.starts().begin(), fitted_to.starts().end());
      from.push_back(dd::gits_search(dd::dpmpp_2m{}, points, m, x, {.steps = rows}, {.batch = c.fit}));
      const nlohmann::json settings{{"model", c.model}, {"rows", rows}, {"steps", steps}, {"fit", c.fit}, {"validate", c.validate}, {"seed", c.seed}, {"fine", c.fine}, {"sweeps", how.times.sweeps}};
      const resumed& state = states.emplace_back(plan.string() + (asks_first ? ".state" : ".first.state"), settings);
      how.fit.asks_first = asks_first;
      const auto watch = [&](const auto& p) {
        if constexpr (requires { p.sweep; }) {
          state.save(p);
          if (!c.quiet) fmt::print(stderr, "\r  {} rows, times: sweep {}, error {:.5f}                    ", rows, p.sweep, p.score);
        } else if (!c.quiet) {
          fmt::print(stderr, "\r  {} rows, all numbers: iteration {}, error {:.5f} where it is fitted", rows, p.iteration, std::sqrt(p.mean_square));
        }
        return interrupted == 0;
      };
      dd::tuned t = dd::try_tune(std::span<const dd::grid>(from), m, fitted_to, held_out, how, state.load(), watch).value();
      if (!c.quiet) fmt::print(stderr, "\n");
      if (interrupted) {
        fmt::print("stopped; what is done lies beside {}, the same command goes on from there\n", plan.string());
        return;
      }
      if (!best || t.refined < best->refined) best = std::move(t);
    }
    const dd::tuned& t = *best;
    write_file(plan, dd::to_json(t.table) + "\n");
    for (const resumed& state : states) state.done();
    const std::vector<T> tuned_ends = ends(t.table, dd::from_times(on.path, t.table.times));
    fmt::print("  {:<26} {}  {:.2f} of the best fixed; {} rows; held out: fitted {:.4f}, times {:.4f}, all {:.4f}\n", "tuned", shown(tuned_ends),
               rms(tuned_ends, unseen.ends()) / best_fixed, t.table.rows.size(), t.fitted, t.timed, t.refined);
    fmt::print("wrote {}\n", plan.string());
    std::fflush(stdout);
  }
}

void tune_digits(const choices& c, bool flow) {
  const std::string file = flow ? "flow" : "eps";
  const digits::network net = digits::network::load(c.data / (file + ".safetensors"));
  const std::vector<float> real = digits::load_real_digits(c.data / "held_out.safetensors").images;
  const digits::principal_axes axes(digits::as_points(real), 16);
  const digits::moments wanted = digits::moments_of(axes.project(digits::as_points(real)));
  const quality<float> frechet = [&](const std::vector<float>& x) { return digits::frechet_squared(digits::moments_of(axes.project(digits::as_points(x))), wanted); };
  const digits_call call(net);
  const auto with = [&](const auto& form, const dd::noise_path& path) {
    tune_all<float>(c, {path}, dd::model<std::remove_cvref_t<decltype(form)>, digits_call>{form, call}, digits::image_size, frechet);
  };
  if (flow) with(dd::as_form(dd::flow_model{}), dd::flow{});
  else with(dd::as_form(dd::eps_model{}), dd::vp_linear{});
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Tunes plans of few evaluations to a model: coefficients and times of a linear multistep run.");
  choices c;
  app.add_option("--model", c.model, "digits-eps, digits-flow or mixture")->capture_default_str()->check(CLI::IsMember({"digits-eps", "digits-flow", "mixture"}));
  app.add_option("--steps", c.steps, "evaluations of each plan")->delimiter(',')->capture_default_str()->check(CLI::Range(1, 31));
  app.add_option("--fit", c.fit, "samples that coefficients are fitted to")->capture_default_str()->check(CLI::Range(2, 100000));
  app.add_option("--validate", c.validate, "samples that choices are made by")->capture_default_str()->check(CLI::Range(2, 100000));
  app.add_option("--test", c.test, "samples that figures are of")->capture_default_str()->check(CLI::Range(2, 100000));
  app.add_option("--seed", c.seed, "of all noise")->capture_default_str()->check(CLI::Range(0, 1000000000));
  app.add_option("--fine", c.fine, "evaluations of the fine solution")->capture_default_str()->check(CLI::Range(4, 5000));
  app.add_option("--sweeps", c.tune.times.sweeps, "of the search over times, at most")->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--iterations", c.tune.refine.iterations, "of the descent over all numbers, at most")->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--ridge", c.tune.refine.ridge, "of that descent")->capture_default_str()->check(CLI::Range(0.0, 1e6));
  app.add_option("--out", c.out, "folder for the plans")->capture_default_str();
  app.add_option("--data", c.data, "folder of the digits networks")->capture_default_str();
  app.add_flag("--quiet", c.quiet, "no progress");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGINT, [](int) { interrupted = 1; });
  try {
    if (c.model == "mixture")
      tune_all<double>(c, {dd::vp_linear{}}, dd::eps(mixture_call{}), 1, [](const std::vector<double>&) { return std::optional<double>(); });
    else
      tune_digits(c, c.model == "digits-flow");
    return interrupted ? 130 : 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "diffode_tune: {}\n", e.what());
    return 1;
  }
}
