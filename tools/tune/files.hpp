// SPDX-License-Identifier: MIT
#pragma once

#include "../shared/file_lock.hpp"
#include "../shared/output_files.hpp"

#include <diffode/adapter/json.hpp>
#include <diffode/search/tune.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace diffode_tune {

using diffode_tools::write_file;

/// The files of a plan. Each is in one folder, named after the model and the evaluations.
struct plan_files {
  std::filesystem::path plan, choices, state, first_state, searched, log;

  plan_files(const std::filesystem::path& folder, const std::string& model, int steps) {
    const std::string name = (folder / (model + "-" + std::to_string(steps))).string();
    plan = name + ".json", choices = name + ".json.choices", state = name + ".json.state", first_state = name + ".json.first.state";
    searched = name + ".searched.json", log = name + ".searched.json.log.jsonl";
  }
  std::vector<std::filesystem::path> all() const { return {plan, choices, state, first_state, searched, log}; }
};

/// Makes a folder, and refuses one that can not be written to: better known before minutes of work than after.
inline void check_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem || diffode::detail::file_beside(folder / "probe").write(""))
    throw std::invalid_argument("--out is '" + folder.string() + "', needs a folder that can be written to");
}

/// Keeps other runs from the files of a plan, and takes away what a killed one was writing. Refuses names that are no files'.
inline diffode_tools::file_lock only_writer(const plan_files& files) {
  for (const std::filesystem::path& file : files.all()) diffode_tools::check_place({"a file of --out", file});
  diffode_tools::file_lock lock({"a plan of --out", files.plan});
  for (const std::filesystem::path& file : files.all()) diffode_tools::remove_leftovers(file);
  return lock;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline nlohmann::json as_json(const diffode::time_search_state& s) {
  return {{"lambda", s.lambda}, {"step", s.step}, {"score", s.score}, {"sweep", s.sweep}, {"next", s.next}, {"better", s.better}};
}
inline nlohmann::json as_json(const diffode::refine_state& s) {
  return {{"numbers", s.numbers}, {"damping", s.damping}, {"mean_square", s.mean_square}, {"iteration", s.iteration}, {"over", s.over}};
}
inline nlohmann::json as_json(const diffode::tune_state& s) {
  nlohmann::json fitted = nlohmann::json::array();  // in JSON no number is infinite: null
  for (const double error : s.fitted) fitted.push_back(std::isfinite(error) ? nlohmann::json(error) : nlohmann::json());
  return {{"fitted", fitted}, {"times", as_json(s.times)}, {"descended", s.descended}, {"refine", as_json(s.refine)},
          {"best", s.best ? nlohmann::json::parse(diffode::to_json(*s.best)) : nlohmann::json()}, {"refined", s.refined}};
}

inline diffode::time_search_state time_state(const nlohmann::json& j) {
  return {.lambda = j.at("lambda").get<std::vector<double>>(), .step = j.at("step").get<double>(), .score = j.at("score").get<double>(),
          .sweep = j.at("sweep").get<int>(), .next = j.at("next").get<std::size_t>(), .better = j.at("better").get<bool>()};
}
inline diffode::refine_state descent_state(const nlohmann::json& j) {
  return {.numbers = j.at("numbers").get<std::vector<double>>(), .damping = j.at("damping").get<double>(), .mean_square = j.at("mean_square").get<double>(),
          .iteration = j.at("iteration").get<int>(), .over = j.at("over").get<bool>()};
}
inline diffode::tune_state tuning_state(const nlohmann::json& j) {
  diffode::tune_state s{.times = time_state(j.at("times")), .descended = j.at("descended").get<std::size_t>(), .refine = descent_state(j.at("refine")), .refined = j.at("refined").get<double>()};
  for (const nlohmann::json& error : j.at("fitted")) s.fitted.push_back(error.is_null() ? HUGE_VAL : error.get<double>());
  if (!j.at("best").is_null()) s.best = diffode::table_from_json(j.at("best").dump());
  return s;
}

/// Where tuning was when it was interrupted, for exactly these choices.
class resumed {
 public:
  resumed(std::filesystem::path path, nlohmann::json settings) : path_(std::move(path)), settings_(std::move(settings)) {}

  diffode::tune_state load() const {
    if (!std::filesystem::exists(path_)) return {};
    const nlohmann::json j = nlohmann::json::parse(read_file(path_), nullptr, false);
    if (j.is_discarded() || !j.is_object()) throw std::runtime_error(path_.string() + " is damaged, remove it to begin anew");
    if (j.value("settings", nlohmann::json()) != settings_) throw std::runtime_error(path_.string() + " was made with other choices, needs the same ones, or another --out");
    try {
      return tuning_state(j.at("state"));
    } catch (const std::exception& e) {
      throw std::runtime_error(path_.string() + " is damaged, remove it to begin anew: " + e.what());
    }
  }
  void save(const diffode::tune_state& s) const { write_file(path_, nlohmann::json{{"settings", settings_}, {"state", as_json(s)}}.dump(2) + "\n"); }
  void done() const { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  nlohmann::json settings_;
};

}  // namespace diffode_tune
