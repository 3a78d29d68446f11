// SPDX-License-Identifier: MIT
#pragma once

#include "standard.hpp"
#include "subject.hpp"

#include <diffode/adapter/json.hpp>
#include <diffode/statistics.hpp>
#include <diffode/statistics/statistics_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace diffode_bench {

namespace dd = diffode;

struct few_steps_choices {
  std::vector<std::string> models{"digits-eps", "mixture", "ring", "cloud"};
  std::vector<std::string> methods{};  // names of rows; none for all
  std::vector<int> budgets{3, 4, 5, 6, 8, 10, 15, 20};
  std::size_t samples = 400;
  std::uint64_t seed = 20000;  // diffode_tune's are 3 seed to 3 seed + 2: of its seeds below 6666 none is this one
  int fine = 200;
  std::uint32_t measured = 2048;  // samples of a mixture that statistics are measured on
  std::filesystem::path plans = DIFFODE_FEW_STEPS_PLANS, data = DIFFODE_DIGITS_DATA;
};

struct few_steps_cell {
  double error = HUGE_VAL, frechet = HUGE_VAL;
};
struct few_steps_row {
  std::string name;
  std::vector<few_steps_cell> cells;  ///< for each budget, with whatever grid or option has the least error
  bool plan = false;                  ///< whether it was searched or tuned for the model
};
struct few_steps_result {
  std::string name;
  std::vector<few_steps_row> rows;
};

/// The mixture of that name, if it is one.
inline std::optional<diffode_tools::mixture> mixture_of(const std::string& model) {
  if (model == "mixture") return diffode_tools::two_normals();
  if (model == "ring") return diffode_tools::ring();
  if (model == "cloud") return diffode_tools::cloud();
  return std::nullopt;
}

/// The variance that numbers of one sample of the data have about their own mean, on average over samples: what time shift is told.
inline double variance_within(const std::string& model, const few_steps_choices& c) {
  const auto mixed = mixture_of(model);
  const std::vector<float> images = mixed ? std::vector<float>() : digits::load_real_digits(c.data / "held_out.safetensors").images;
  const std::size_t size = mixed ? mixed->size() : digits::image_size, count = mixed ? c.measured : images.size() / size;
  std::vector<double> one(size);
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    if (mixed) mixed->draw(static_cast<std::uint32_t>(k), one);
    else for (std::size_t i = 0; i < size; ++i) one[i] = static_cast<double>(images[k * size + i]);
    double mean = 0;
    for (const double v : one) mean += v / static_cast<double>(size);
    for (const double v : one) sum += (v - mean) * (v - mean) / static_cast<double>(size - 1);
  }
  return sum / static_cast<double>(count);
}

/// Statistics of a mixture: of exact slopes over samples of its data, between the levels of all runs.
inline dd::model_statistics statistics_of(const diffode_tools::mixture& data, const diffode_tune::span_of_levels& on, std::uint32_t samples) {
  const auto draw = [&](std::uint32_t k, std::span<double> x0) { data.draw(k, x0); };
  auto model = dd::differences(on.path, dd::eps_model{}, [&](auto x, const auto& call, auto out) { data.eps(x, call.at, out); });
  dd::statistics_sums sums = dd::statistics_sums::make(
      {.from = on.path.at(on.from).lambda, .to = on.path.at(on.to).lambda, .steps = 240, .elements = data.size(), .columns = data.size(), .samples = samples}, "bench_few_steps");
  dd::measure(sums, draw, model);
  const dd::measured_statistics m = dd::finish(sums);
  return dd::model_statistics::make({.lambda = m.lambda, .l = m.l, .s = m.s, .b = m.b});
}

/// Those of a digits network, from the file beside it, where there is one.
inline std::optional<dd::model_statistics> statistics_of(const std::string& model, const few_steps_choices& c, const diffode_tune::span_of_levels& on) {
  if (const auto mixed = mixture_of(model)) return statistics_of(*mixed, on, c.measured);
  const std::filesystem::path file = c.data / (model.substr(std::string("digits-").size()) + "_statistics.safetensors");
  if (!std::filesystem::exists(file)) return std::nullopt;
  const dd::measured_statistics m = dd::load_statistics(file);
  return dd::model_statistics::make({.lambda = m.lambda, .l = m.l, .s = m.s, .b = m.b});
}

/// All runs of one model.
template <class T, class Form, class Net>
class few_steps_runs {
 public:
  few_steps_runs(const few_steps_choices& c, const diffode_tune::subject<T, Form, Net>& s) : c_(c), s_(s), starts_(s.starts(c.samples, c.seed)), wanted_(starts_) {
    dd::sample(dd::unipc{.p = 3}, dd::uniform_lambda(s.on.path, {.from = s.on.from, .to = s.on.to, .count = c.fine}), s.model, wanted_, {.batch = c.samples});
  }

  few_steps_result all() {
    result_ = {s_.name, {}};
    for (const auto& [name, method] : diffode_tune::fixed_methods())
      // `method` named again because Clang 14 and 15 let no lambda take a structured binding by itself.
      add(name, [&, &method = method](int n) { return best_grid(n, [&](const dd::grid& g) { return std::visit([&](const auto& m) { return judged(m, g); }, method); }); });
    if (const auto statistics = statistics_of(s_.name, c_, s_.on)) {
      add("DPM-Solver-v3", [&](int n) { return v3(n, *statistics, {.statistics = *statistics}); });
      add("DPM-Solver-v3, pseudo order", [&](int n) { return v3(n, *statistics, {.statistics = *statistics, .pseudo = true, .corrector = dd::v3_corrector::same_order}); });
    }
    add("DDIM + time shift", [&](int n) { return shifted(n, 0); });
    // A sample of one number has no variance, and time shift refuses it.
    const double variance = s_.size > 1 ? variance_within(s_.name, c_) : 0;
    add("DDIM + time shift, data variance", [&](int n) { return shifted(n, variance); });
    add("DDIM + DualFast", [&](int n) { return around(n, dd::dual_fast<dd::ddim>{.strength = dd::dual_strength::constant(0.5)}); });
    add("DPM-Solver++ 2M + DualFast", [&](int n) { return around(n, dd::dual_fast<dd::dpmpp_2m>{.strength = dd::dual_strength::constant(0.1)}); });
    add("S³ searched", [&](int n) { return plan(n, ".searched.json", [](const std::string& text) { return dd::schedule_from_json(text); }); }, true);
    add("tuned", [&](int n) { return plan(n, ".json", [](const std::string& text) { return dd::table_from_json(text); }); }, true);
    for (const std::string& m : c_.methods)
      if (std::none_of(result_.rows.begin(), result_.rows.end(), [&](const few_steps_row& row) { return row.name == m; }))
        throw std::runtime_error("--methods has '" + m + "', needs names of rows of " + s_.name);
    // It is no competitor: a plan, without an error.
    result_.rows.push_back({"fine solution", std::vector<few_steps_cell>(c_.budgets.size(), {.frechet = s_.frechet(wanted_)}), true});
    return result_;
  }

 private:
  template <class Run>
  void add(const std::string& name, const Run& run, bool is_plan = false) {
    if (!c_.methods.empty() && std::find(c_.methods.begin(), c_.methods.end(), name) == c_.methods.end()) return;
    few_steps_row row{name, {}, is_plan};
    for (const int n : c_.budgets) row.cells.push_back(run(n));
    result_.rows.push_back(std::move(row));
  }
  few_steps_cell of(const std::vector<T>& x) const {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += std::pow(static_cast<double>(x[i]) - static_cast<double>(wanted_[i]), 2);
    const double error = std::sqrt(sum / static_cast<double>(x.size()));
    return std::isfinite(error) ? few_steps_cell{error, s_.frechet(x)} : few_steps_cell{};
  }
  few_steps_cell judged(const auto& method, const auto& where) const { return judged(dd::try_compile(method, where, s_.model.form), s_.model); }
  few_steps_cell judged(dd::result<dd::plan> made, const auto& model) const {
    std::vector<T> x = starts_;
    return made && dd::try_sample(dd::shared_plan(std::move(made).value()), model, x, {.batch = c_.samples}) ? of(x) : few_steps_cell{};
  }
  template <class Run>
  few_steps_cell best_grid(int steps, const Run& run) const {
    few_steps_cell best;
    for (const auto& [name, g] : diffode_tune::standard_grids(s_.on, steps))
      if (const few_steps_cell c = run(g); c.error < best.error) best = c;
    return best;
  }
  few_steps_cell around(int steps, const auto& method) const {
    return best_grid(steps, [&](const dd::grid& g) { return judged(method, g); });
  }
  /// With a column of statistics for each number of a sample. All of these lanes are at one level.
  few_steps_cell v3(int steps, const dd::model_statistics& statistics, const dd::dpm_v3& method) const {
    const auto net = [&](std::span<const T> x, std::span<const dd::level<>> at, std::span<T> out) { s_.apart(x, std::vector<dd::level<>>(x.size() / s_.size, at[0]), out); };
    const dd::model<Form, decltype(net)> each{s_.model.form, net};
    return best_grid(steps, [&](const dd::grid& g) {
      const dd::result<dd::grid> nodes = dd::try_on_nodes(g, statistics);
      if (!nodes) return few_steps_cell{};
      return judged(dd::try_compile(method, dd::fixed<dd::lanes>(nodes.value(), {.stride = 1, .count = statistics.columns()}), each.form), each);
    });
  }
  /// Both ends, windows from half of the shortest step to twice that: what serves best.
  /// variance  of the numbers of one sample of the data; 0 is the paper's rule
  few_steps_cell shifted(int steps, double variance) const {
    const auto net = [&](std::span<const T> x, std::span<const dd::level<>> at, std::span<T> out) { s_.apart(x, at, out); };
    const dd::model<Form, decltype(net)> each{s_.model.form, net};
    return best_grid(steps, [&](const dd::grid& g) {
      double shortest = HUGE_VAL;
      for (std::size_t i = 0; i + 1 < g.size(); ++i) shortest = std::fmin(shortest, std::abs(g[i].t - g[i + 1].t));
      few_steps_cell best;
      for (const dd::shifted_end end : {dd::shifted_end::model_time, dd::shifted_end::target_time})
        for (const double window : {0.5, 1.0, 1.9})
          if (const few_steps_cell c = timed(dd::time_shift(g, {.window = window * shortest, .cutoff = 0.3, .end = end, .data_variance = variance, .spacing = 0.001}), each); c.error < best.error) best = c;
      return best;
    });
  }
  few_steps_cell timed(const dd::time_shift& where, const auto& model) const {
    std::vector<T> x = starts_;
    return dd::try_sample(dd::ddim{}, where, model, x, {.batch = c_.samples}) ? of(x) : few_steps_cell{};
  }
  template <class Read>
  few_steps_cell plan(int steps, const std::string& ending, const Read& read) const {
    std::ifstream file(c_.plans / (s_.name + "-" + std::to_string(steps) + ending), std::ios::binary);
    if (!file) return {};
    const auto found = read(std::string(std::istreambuf_iterator<char>(file), {}));
    return judged(found, dd::from_times(s_.on.path, found.times));
  }

  const few_steps_choices& c_;
  const diffode_tune::subject<T, Form, Net>& s_;
  std::vector<T> starts_, wanted_;
  few_steps_result result_;
};

inline few_steps_result run_few_steps(const few_steps_choices& c, const std::string& model) {
  return diffode_tune::with_subject(model, c.data, [&]<class T, class Form, class Net>(const diffode_tune::subject<T, Form, Net>& s) { return few_steps_runs<T, Form, Net>(c, s).all(); });
}

}  // namespace diffode_bench
