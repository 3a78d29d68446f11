// SPDX-License-Identifier: MIT
#pragma once

#include "files.hpp"

#include <diffode/adapter/json.hpp>
#include <diffode/grid/table.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>

/// What an earlier call has left, and whether it is of the same choices.
namespace diffode_tune {

/// "seed is 1, not 2; ...": where choices differ from those wanted.
inline std::string differences(const nlohmann::json& are, const nlohmann::json& wanted) {
  std::set<std::string> keys;
  for (const nlohmann::json* one : {&are, &wanted})
    for (const auto& [key, value] : one->items()) keys.insert(key);
  const auto shown = [](const nlohmann::json& from, const std::string& key) { return from.contains(key) ? from.at(key).dump() : std::string("not known"); };
  std::string all;
  for (const std::string& key : keys)
    if (shown(are, key) != shown(wanted, key)) all += fmt::format("{}{} is {}, not {}", all.empty() ? "" : "; ", key, shown(are, key), shown(wanted, key));
  return all;
}

/// Whether choices are those wanted but for the weights and images: then what was made is worth nothing for these.
inline bool of_other_files(nlohmann::json are, nlohmann::json wanted) {
  if (!are.is_object() || are.value("files", nlohmann::json()) == wanted.value("files", nlohmann::json())) return false;
  are.erase("files"), wanted.erase("files");
  return are == wanted;
}

/// Takes away the log of a search, or a state, if it is of other weights or images, and says so.
///
/// line  the JSON that has the settings: the first line of a log, all of a state
inline void forget_other_files(const std::filesystem::path& path, const std::string& line, const nlohmann::json& wanted) {
  const nlohmann::json j = nlohmann::json::parse(line, nullptr, false);
  const nlohmann::json are = j.is_object() ? j.value("settings", nlohmann::json()) : nlohmann::json();
  if (!of_other_files(are, wanted)) return;
  fmt::print(stderr, "{} is of other files, made anew: {}\n", path.string(), differences(are, wanted));
  std::filesystem::remove(path);
}

inline std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  std::getline(file, line);
  return line;
}

/// A plan that is done, with the choices that it was made by in a file beside it.
class finished_plan {
 public:
  finished_plan(std::filesystem::path path, nlohmann::json choices)
      : path_(std::move(path)), made_by_(path_.string() + ".choices"), choices_(std::move(choices)) {}

  /// The plan, if it is there and of the same choices. Says why it is made anew where it is not.
  std::optional<diffode::coefficient_table> load(const diffode::noise_path& on) const {
    if (!std::filesystem::exists(path_) || !std::filesystem::exists(made_by_)) return std::nullopt;
    const nlohmann::json are = nlohmann::json::parse(read_file(made_by_), nullptr, false);
    if (!are.is_object()) return anew(made_by_, "is damaged", "it is no JSON object");
    if (are != choices_) return anew(path_, "was made by other choices", differences(are, choices_));
    diffode::result<diffode::coefficient_table> table = diffode::try_table_from_json(read_file(path_));
    if (!table) return anew(path_, "is damaged", table.reason()->what());
    if (const auto times = diffode::try_from_times(on, table.value().times); !times) return anew(path_, "is damaged", times.reason()->what());
    return std::move(table).value();
  }

  /// The plan before what says that it is whole: a kill between the two costs time and nothing else.
  void save(const diffode::coefficient_table& table) const {
    write_file(path_, diffode::to_json(table) + "\n");
    write_file(made_by_, choices_.dump(2) + "\n");
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  static std::nullopt_t anew(const std::filesystem::path& path, const char* what, const std::string& why) {
    fmt::print(stderr, "{} {}, the plan is made anew: {}\n", path.string(), what, why);
    return std::nullopt;
  }

  std::filesystem::path path_, made_by_;
  nlohmann::json choices_;
};

}  // namespace diffode_tune
