// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/search/tune_times.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace diffode_tune {

/// Replaces a file at once: who is killed leaves the old one or the new one.
inline void write_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path part = path.string() + ".part";
  std::ofstream file(part, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + part.string());
  std::filesystem::rename(part, path);
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Where a search over times was when it was interrupted, for exactly these choices.
class resumed {
 public:
  resumed(std::filesystem::path path, nlohmann::json settings) : path_(std::move(path)), settings_(std::move(settings)) {}

  diffode::time_search_state load() const {
    if (!std::filesystem::exists(path_)) return {};
    const nlohmann::json j = nlohmann::json::parse(read_file(path_), nullptr, false);
    if (!j.is_object() || j.value("settings", nlohmann::json()) != settings_)
      throw std::runtime_error(path_.string() + " was made with other choices, needs the same ones, or another --out");
    try {
      return {.lambda = j.at("lambda").get<std::vector<double>>(), .step = j.at("step").get<double>(), .score = j.at("score").get<double>(), .sweep = j.at("sweep").get<int>()};
    } catch (const nlohmann::json::exception& e) {
      throw std::runtime_error(path_.string() + " is damaged, remove it to begin anew: " + e.what());
    }
  }
  void save(const diffode::time_search_state& s) const {
    write_file(path_, nlohmann::json{{"settings", settings_}, {"lambda", s.lambda}, {"step", s.step}, {"score", s.score}, {"sweep", s.sweep}}.dump(2) + "\n");
  }
  void done() const { std::filesystem::remove(path_); }

 private:
  std::filesystem::path path_;
  nlohmann::json settings_;
};

}  // namespace diffode_tune
