// SPDX-License-Identifier: MIT
//
// Puts the results of bench_combine, bench_sampler and bench_work_precision together: one JSON file, tables, plots.

#include "records.hpp"
#include "svg.hpp"
#include "tables.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace diffode_bench;
namespace fs = std::filesystem;

struct options {
  std::vector<std::string> portable, native;
  std::string precision, commit = "unknown", from;
  fs::path out;
  bool markdown = false;
};

std::string now() {
  const std::time_t time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time));
  return text;
}

json collect(const options& o) {
  records cost;
  for (const std::string& file : o.native) cost.add("native", read_json(file));
  for (const std::string& file : o.portable) cost.add("portable", read_json(file));
  return {{"date", now()}, {"commit", o.commit}, {"machine", machine()}, {"builds", cost.builds()}, {"cost", cost.all()},
          {"precision", o.precision.empty() ? json::array() : read_json(o.precision).at("points")}};
}

/// The worst of a number over all cases of the native build (or of the portable one, if that is all there is).
void print_worst(const std::vector<record>& all, const std::string& build, const std::string& what, bool largest, const number_of& number) {
  const record* worst = nullptr;
  for (const record& r : all)
    if (r.build == build && number(r) && (!worst || (largest ? *number(r) > *number(*worst) : *number(r) < *number(*worst)))) worst = &r;
  if (worst)
    fmt::print("{}: {:.2f} ({} {} {} {}, {} threads)\n", what, *number(*worst), worst->program, worst->method, worst->element, size_name(worst->size),
               worst->threads);
}

/// What was compared with the build at hand: by its flags, or, in results of before they were told, the build without -march.
std::string other_build_title(const json& build) {
  const std::string other = build.value("other_flags", std::string());
  if (other.empty() || other.find("-march") == std::string::npos) return "time built without -march over that with -march=native";
  return fmt::format("time built with {} over that with {}", other, build.at("flags").get<std::string>());
}

void print_tables(const json& results, bool markdown) {
  const auto show = [&](const std::vector<table>& tables) {
    for (const table& t : tables) fmt::print("{}", markdown ? t.markdown() : t.plain());
  };
  const std::vector<record> all = results.at("cost");
  const std::string build = results.at("builds").contains("native") ? "native" : "portable";
  const number_of hand = [](const record& r) { return r.hand; }, book = [](const record& r) { return r.textbook; };
  const number_of flags = portable_to_native(all);
  const number_of of_triad = [](const record& r) { return r.of_triad; };
  // The rest of what bench_combine says is in the file: it hardly differs from what the sampler takes.
  std::vector<record> sampler = all;
  if (std::any_of(all.begin(), all.end(), [](const record& r) { return r.program == "sampler"; }))
    std::erase_if(sampler, [](const record& r) { return r.program != "sampler"; });
  show(by_size(all, build, "time over that of the hand-written loop", hand));
  show(by_size(sampler, build, "time of operators on tensors over ours", book, "{:.1f}"));
  show(by_size(sampler, build, "share of triad", of_triad));
  if (build == "native") show(by_size(sampler, build, other_build_title(results.at("builds").at("native")), flags));
  show(by_evaluations(results.at("precision")));
  if (markdown) return;
  fmt::print("\n");
  // History in float is compared with a loop that does less.
  print_worst(all, build, "largest ratio to the hand-written loop", true,
              [](const record& r) { return r.element == "bfloat16_default" ? std::nullopt : std::optional(r.hand); });
  print_worst(all, build, "largest " + other_build_title(results.at("builds").at(build)), true, flags);
  print_worst(all, build, "smallest share of triad at 64 M elements", false,
              [&](const record& r) { return r.size == std::size_t{64} << 20 ? of_triad(r) : std::nullopt; });
}

void save(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file) throw std::runtime_error(fmt::format("can not write '{}'", path.string()));
}

/// One plot for each table, methods as lines.
void draw(const fs::path& out, const std::string& name, const std::vector<table>& tables, const std::string& x_title, const std::string& y_title,
          const std::function<double(const std::string&)>& x_of) {
  int number = 0;
  for (const table& t : tables) {
    plot p{t.title, x_title, y_title, {}, {}};
    for (const std::string& c : t.columns) p.x_ticks.emplace_back(x_of(c), c);
    for (const auto& [method, cells] : t.rows) {
      series s{method, {}};
      for (std::size_t k = 0; k < cells.size(); ++k)
        if (cells[k] && *cells[k] > 0) s.points.emplace_back(p.x_ticks[k].first, *cells[k]);
      if (!s.points.empty()) p.lines.push_back(std::move(s));
    }
    if (!p.lines.empty()) save(out / fmt::format("{}_{}.svg", name, ++number), svg(p).text());
  }
}

void draw_all(const fs::path& out, const json& results) {
  const std::vector<record> all = results.at("cost");
  const std::string build = results.at("builds").contains("native") ? "native" : "portable";
  const auto elements = [](const std::string& text) { return std::stod(text) * (text.back() == 'M' ? 1048576 : text.back() == 'K' ? 1024 : 1); };
  const auto plain = [](const std::string& text) { return std::stod(text); };
  draw(out, "speed", by_size(all, build, "GB/s", [](const record& r) { return r.speed / 1e9; }), "elements", "GB/s", elements);
  draw(out, "hand", by_size(all, build, "time over that of the hand-written loop", [](const record& r) { return r.hand; }), "elements", "ratio", elements);
  draw(out, "textbook", by_size(all, build, "time of operators on tensors over ours", [](const record& r) { return r.textbook; }), "elements", "ratio", elements);
  draw(out, "precision", by_evaluations(results.at("precision")), "evaluations of the model", "error", plain);
}

void run(const options& o) {
  const json results = o.from.empty() ? collect(o) : read_results(o.from);
  if (!o.out.empty()) {
    fs::create_directories(o.out);
    save(o.out / "results.json", results.dump(1) + "\n");
    draw_all(o.out, results);
  }
  print_tables(results, o.markdown);
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app("Puts the results of the benchmarks together: tables on the screen, results.json and plots in a folder.", "bench_report");
  app.add_option("--native", o.native, "results of bench_combine and bench_sampler, built with -march=native")->check(CLI::ExistingFile);
  app.add_option("--portable", o.portable, "the same, built without -march")->check(CLI::ExistingFile);
  app.add_option("--precision", o.precision, "results of bench_work_precision")->check(CLI::ExistingFile);
  app.add_option("--commit", o.commit, "what was measured");
  app.add_option("--from", o.from, "a results.json to show again, instead")->check(CLI::ExistingFile)->excludes("--native")->excludes("--portable")->excludes("--precision");
  app.add_option("--out", o.out, "folder for results.json and plots");
  app.add_flag("--markdown", o.markdown, "tables as in docs/performance.md");
  CLI11_PARSE(app, argc, argv);
  try {
    run(o);
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_report: {}\n", e.what());
    return 2;
  }
}
