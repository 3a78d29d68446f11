// SPDX-License-Identifier: MIT
//
// Measures statistics of a model for DPM-Solver-v3: sharded, resumable, stopped at any time without loss.

#include "../shared/number_in.hpp"
#include "../shared/progress_line.hpp"
#include "models.hpp"
#include "../shared/file_lock.hpp"
#include "../shared/output_files.hpp"

#include <diffode/statistics.hpp>
#include <diffode/statistics/npz_folder.hpp>
#include <diffode/statistics/statistics_file.hpp>
#include <diffode/statistics/sums_file.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

namespace fs = std::filesystem;
namespace dd = diffode;
using clock_type = std::chrono::steady_clock;

volatile std::sig_atomic_t asked_to_stop = 0;
extern "C" void ask_to_stop(int) { asked_to_stop = 1; }

constexpr int interrupted = 130;  // what shells say of Ctrl-C

struct options {
  std::string model;
  fs::path data = DIFFODE_DIGITS_DATA, state, out;
  std::vector<fs::path> states;
  std::optional<double> from, to;
  dd::statistics_options what;
  dd::statistics_guards guards;
  dd::statistics_shard share;
  double save_every = 10;
};

double seconds_since(clock_type::time_point start) { return std::chrono::duration<double>(clock_type::now() - start).count(); }

/// The files that statistics are written to: one, or the two of a folder.
std::vector<fs::path> files_of(const fs::path& out) {
  if (out.empty()) return {};
  return out.extension() == ".safetensors" ? std::vector<fs::path>{out} : std::vector<fs::path>{out / "l.npz", out / "sb.npz"};
}

/// Refuses a path that statistics can not be written to, which is better known before hours of work than after.
void check_out(const fs::path& out) {
  std::vector<fs::path> made;  // folders, the deepest first: what is refused or stopped leaves none
  std::error_code ignored;
  const auto undo = [&] {
    for (const fs::path& folder : made) fs::remove(folder, ignored);
  };
  const auto refuse = [&](const std::string& why) {
    undo();
    throw std::runtime_error(fmt::format("--out is '{}', needs a path that can be written to: {}", out.string(), why));
  };
  if (out.extension() != ".safetensors") {
    for (fs::path folder = out; !folder.empty() && !fs::exists(folder, ignored); folder = folder.parent_path()) made.push_back(folder);
    std::error_code problem;
    fs::create_directories(out, problem);
    if (problem) refuse(out.string() + ": " + problem.message());
  }
  for (const fs::path& file : files_of(out))
    if (const dd::fault wrong = dd::detail::file_beside(file).write("")) refuse(wrong->what());
  undo();
}

/// Refuses files of which one would be written over another, or over what is read.
void check_files(const options& o) {
  const auto with_out = [&](std::vector<diffode_tools::named_file> files) {
    for (const fs::path& file : files_of(o.out)) files.push_back({"--out", file});
    diffode_tools::check_apart(files);
  };
  with_out({{"--state", o.state}, {"the lock of --state", diffode_tools::file_lock::path_for(o.state)}});
  for (const fs::path& shard : o.states) with_out({{"STATES", shard}});
}

/// Shows how far a measurement is, and saves it now and then.
class watcher {
 public:
  explicit watcher(const options& o) : o_(o) {}
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;
  ~watcher() { line_.end(); }

  bool operator()(const dd::statistics_progress& p) {
    if (p.row == 0 && p.sums.blocks_done() > saved_blocks_ && seconds_since(saved_) >= o_.save_every) save(p.sums);
    if (p.row == 0 || seconds_since(drawn_) > 0.1) draw(p);
    return asked_to_stop == 0;
  }

  void save(const dd::statistics_sums& sums) {
    dd::save(sums, o_.state);
    saved_blocks_ = sums.blocks_done();
    saved_ = clock_type::now();
  }

 private:
  void draw(const dd::statistics_progress& p) {
    drawn_ = clock_type::now();
    if (begun_ < 0) begun_ = p.share();
    const double gained = p.share() - begun_, left = gained > 0 ? seconds_since(start_) * (1 - p.share()) / gained : 0;
    const int width = 30, full = static_cast<int>(width * p.share());
    line_(fmt::format("[{:#<{}}{:-<{}}] {:5.1f}%  block {} of {}  {:.0f} s left", "", full, "", width - full, 100 * p.share(), p.blocks_done, p.blocks, left));
  }

  const options& o_;
  diffode_tools::progress_line line_;
  double begun_ = -1;
  std::uint32_t saved_blocks_ = 0;
  clock_type::time_point start_ = clock_type::now(), saved_ = start_, drawn_ = start_;
};

int write(const dd::statistics_sums& sums, const options& o) {
  const dd::finished_statistics all = dd::finish(sums, o.guards);
  o.out.extension() == ".safetensors" ? dd::save(all, o.out) : dd::save_npz(all, o.out);
  fmt::print("wrote {}: {} lambdas from {:.4g} to {:.4g}, {} columns, {} samples; "
             "s is 0 in {} of {} cells where f hardly varies, cut off in {}\n",
             o.out.string(), all.lambda.size(), all.lambda.front(), all.lambda.back(), all.columns(), sums.options().samples,
             all.flat, all.l.size(), all.clipped);
  return 0;
}

/// Goes on from a state, if there is one. One of other weights or data has other sums, however like its options are.
void take_state(dd::statistics_sums& into, const options& o) {
  if (!fs::exists(o.state)) return;
  const dd::statistics_sums known = dd::load_sums(o.state);
  if (known.model() != into.model())
    throw std::runtime_error(fmt::format("--state is '{}', measured on '{}', needs one of '{}': the same --model and --data, or a new --state", o.state.string(), known.model(), into.model()));
  into.merge(known);
  fmt::print("goes on from {}: {} of {} blocks are there\n", o.state.string(), into.blocks_done(), o.what.blocks());
}

int measure(options o) {
  const diffode_tools::file_lock alone({"--state", o.state});
  diffode_tools::remove_leftovers(o.state);
  return statistics_tool::with_model(o.model, o.data, [&](const statistics_tool::subject& s, const auto& data, auto& model) {
    o.what.from = o.from.value_or(s.from), o.what.to = o.to.value_or(s.to), o.what.elements = s.elements;
    if (o.what.columns == 0) o.what.columns = s.elements;
    dd::statistics_sums sums = dd::statistics_sums::make(o.what, s.source.empty() ? o.model : o.model + ": " + s.source);
    take_state(sums, o);
    bool whole = false;
    {
      watcher watch(o);
      watch.save(sums);  // a path that can not be written is seen now, and a kill leaves a state to go on from
      const dd::result<bool> done = dd::try_measure(sums, data, model, o.share, watch);
      watch.save(sums);  // also what there is before a refusal
      whole = done.value();
    }
    fmt::print("wrote {}: {} of {} blocks\n", o.state.string(), sums.blocks_done(), o.what.blocks());
    if (!whole) {
      fmt::print("stopped; the same command goes on from there\n");
      return interrupted;
    }
    if (o.out.empty()) return 0;
    if (sums.complete()) return write(sums, o);
    fmt::print("nothing written to {} yet: merge the other shards first\n", o.out.string());
    return 0;
  });
}

int merge(const options& o) {
  const diffode_tools::file_lock alone({"--state", o.state});
  dd::statistics_sums all = dd::load_sums(o.states.front());
  for (std::size_t k = 1; k < o.states.size(); ++k) all.merge(dd::load_sums(o.states[k]));
  dd::save(all, o.state);
  fmt::print("wrote {}: {} of {} blocks\n", o.state.string(), all.blocks_done(), all.options().blocks());
  return o.out.empty() ? 0 : write(all, o);
}

int show(const options& o) {
  std::optional<dd::lambda_ends> ends;
  if (o.from && o.to) ends = dd::lambda_ends{*o.from, *o.to};
  const dd::measured_statistics all = fs::is_directory(o.state) ? dd::load_npz_statistics(o.state, ends) : dd::load_statistics(o.state, ends);
  fmt::print("{:>10} {:>12} {:>12} {:>12}   means over {} columns\n", "lambda", "l", "s", "b", all.columns());
  const auto mean = [&](const std::vector<double>& v, std::size_t row) {
    double sum = 0;
    for (std::size_t k = 0; k < all.columns(); ++k) sum += v[row * all.columns() + k];
    return sum / static_cast<double>(all.columns());
  };
  for (std::size_t i = 0; i < all.lambda.size(); ++i)
    fmt::print("{:10.5f} {:12.6g} {:12.6g} {:12.6g}\n", all.lambda[i], mean(all.l, i), mean(all.s, i), mean(all.b, i));
  return 0;
}

/// "2/8": share 2 of 8, counted from 0.
dd::statistics_shard shard_of(const std::string& text) {
  dd::statistics_shard share;
  char rest;
  // sscanf takes -1 for a large number.
  if (text.find('-') != std::string::npos || std::sscanf(text.c_str(), "%u/%u%c", &share.index, &share.of, &rest) != 2 || share.check())
    throw CLI::ValidationError("--shard", "is '" + text + "', needs i/n with i from 0 to n - 1");
  return share;
}

void add_guards(CLI::App& to, options& o) {
  to.add_option("--smooth-l", o.guards.smooth_l, "average l over so many rows to each side")->capture_default_str()->check(CLI::Range(0, 1000));
  to.add_option("--smooth-slope", o.guards.smooth_slope, "the same for the slope of l")->capture_default_str()->check(CLI::Range(0, 1000));
  to.add_option("--largest-s", o.guards.largest_s, "cut s off there")->capture_default_str();
  to.add_option("--floor", o.guards.floor, "set s to 0 where f varies less than so many variances of l")->capture_default_str();
}

int run(int argc, char** argv) {
  options o;
  o.what.columns = 0;
  CLI::App app("Measures statistics of a model for DPM-Solver-v3.\n"
               "Exit status: 0 done, 130 stopped by Ctrl-C with the state saved, 2 something is wrong.");
  app.require_subcommand(1);

  CLI::App& measuring = *app.add_subcommand("measure", "measure, or go on with a measurement that was stopped");
  measuring.add_option("--model", o.model, "what to measure")->required()->check(CLI::IsMember(statistics_tool::known_models()));
  measuring.add_option("--state", o.state, "where the partial sums are kept; read first if it is there")->required()->check(diffode_tools::has_name);
  measuring.add_option("--out", o.out, "where the statistics go: a .safetensors file, or a folder for l.npz and sb.npz")->check(diffode_tools::has_name);
  measuring.add_option("--steps", o.what.steps, "rows less one, equidistant in lambda")->capture_default_str()->check(CLI::Range(2, 1000000));
  measuring.add_option("--samples", o.what.samples, "of the data")->capture_default_str()->check(CLI::Range(1, 1000000000));
  measuring.add_option("--block", o.what.block, "samples that are evaluated together, the least that is saved")->capture_default_str()->check(CLI::Range(1, 1000000));
  measuring.add_option("--columns", o.what.columns, "statistics in a row: 1, or one for each channel; one for each element if not given")->check(CLI::Range(1, 100000000));
  measuring.add_option("--seed", o.what.seed, "of the noise")->capture_default_str()->check(CLI::Range(0, 1000000000));
  measuring.add_flag("--one-noise", o.what.one_noise, "the same noise and signs at all lambdas of a sample");
  measuring.add_option("--from", o.from, "lambda of the first row, at the noisy end; the model's own if not given");
  measuring.add_option("--to", o.to, "lambda of the last row");
  measuring.add_option_function<std::string>("--shard", [&](const std::string& text) { o.share = shard_of(text); }, "i/n: only share i of n, from 0");
  measuring.add_option("--save-every", o.save_every, "seconds between two saves of the state")->check(diffode_tools::number_in(0, 1e9))->capture_default_str();
  measuring.add_option("--data", o.data, "folder with the weights and the digits");
  add_guards(measuring, o);

  CLI::App& merging = *app.add_subcommand("merge", "put the states of shards together");
  merging.add_option("STATES", o.states, "states of shards, in any order")->required();
  merging.add_option("--state", o.state, "where the sums of all go")->required()->check(diffode_tools::has_name);
  merging.add_option("--out", o.out, "where the statistics go")->check(diffode_tools::has_name);
  add_guards(merging, o);

  CLI::App& writing = *app.add_subcommand("write", "make statistics from a complete state, with other guards than before");
  writing.add_option("--state", o.state, "a complete state")->required()->check(diffode_tools::has_name);
  writing.add_option("--out", o.out, "where the statistics go")->required()->check(diffode_tools::has_name);
  add_guards(writing, o);

  CLI::App& showing = *app.add_subcommand("show", "print statistics");
  showing.add_option("STATISTICS", o.state, "a .safetensors file, or a folder with l.npz and sb.npz")->required();
  showing.add_option("--from", o.from, "lambda of the first row, where the file has none");
  showing.add_option("--to", o.to, "lambda of the last row");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  check_files(o);
  dd::raise(o.guards.check());
  if (measuring.parsed() || merging.parsed()) diffode_tools::check_writable({"--state", o.state});
  if (!o.out.empty()) check_out(o.out);
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  if (measuring.parsed()) return measure(o);
  if (merging.parsed()) return merge(o);
  return writing.parsed() ? write(dd::load_sums(o.state), o) : show(o);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "diffode_statistics: {}\n", e.what());
    return 2;
  }
}
