// SPDX-License-Identifier: MIT
#include "runner.hpp"

#include "grid.hpp"
#include "trajectory.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <stdexcept>

namespace goldens {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw std::runtime_error(file.string() + ": " + why);
}

/// The golden files that a path stands for, in the order of their names.
std::vector<fs::path> files_of(const fs::path& path) {
  std::error_code failure;
  const bool folder = fs::is_directory(path, failure);
  if (!folder) {
    if (!fs::exists(path, failure)) refuse(path, "no such file or folder");
    return {path};
  }
  std::vector<fs::path> files;
  fs::directory_iterator entries(path, failure);
  for (const fs::directory_iterator last; !failure && entries != last; entries.increment(failure))
    if (entries->path().extension() == ".json") files.push_back(entries->path());
  if (failure) refuse(path, "cannot be read: " + failure.message());
  if (files.empty()) refuse(path, "has no .json file");
  std::sort(files.begin(), files.end());
  return files;
}

json load(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) refuse(file, "cannot be opened");
  json whole;
  try {
    whole = json::parse(in);
  } catch (const json::exception& e) {
    refuse(file, std::string("is not JSON: ") + e.what());
  }
  if (!whole.is_object() || !whole.contains("format") || whole["format"] != "diffode-golden/1")
    refuse(file, "field format is not \"diffode-golden/1\"");
  for (const auto& [key, value] : whole.items())
    if (key != "format" && key != "family" && key != "title" && key != "cases") refuse(file, "unknown field " + key);
  const json family = whole.value("family", json());
  if (family != "grid" && family != "trajectory" && family != "pipeline")
    refuse(file, "field family is " + family.dump() + ", needs \"grid\", \"trajectory\" or \"pipeline\"");
  if (!whole.contains("cases") || !whole["cases"].is_array()) refuse(file, "field cases is not an array");
  for (const json& one : whole["cases"])
    if (!one.is_object() || !one.contains("id") || !one["id"].is_string()) refuse(file, "a case has no id");
  return whole;
}

void run_one(const std::string& family, const json& one, const closeness& close, tally& count, std::ostream& out) {
  const std::string id = one["id"].get<std::string>();
  try {
    if (family == "grid") check_grid(fields(one, ""), close);
    else if (family == "trajectory") check_trajectory(fields(one, ""), close);
    else throw unavailable("pipeline: comes later");
    ++count.passed;
  } catch (const unavailable& missing) {
    const std::string what = missing.what();
    out << "skipped " << id << ": " << what << (family == "pipeline" ? "" : " not available") << '\n';
    ++count.skipped;
  } catch (const std::exception& reason) {
    out << "failed " << id << ": " << reason.what() << '\n';
    ++count.failed;
  }
}

}  // namespace

tally run_all(const request& wanted, std::ostream& out) {
  tally count;
  closeness close;
  if (wanted.tolerance) close.tolerance = *wanted.tolerance;
  // All files before the first case: a broken one is told before anything else.
  std::vector<json> files;
  for (const std::string& path : wanted.paths)
    for (const fs::path& file : files_of(path)) files.push_back(load(file));
  for (const json& whole : files) {
    const std::string family = whole["family"].get<std::string>();
    if (wanted.family && *wanted.family != family) continue;
    for (const json& one : whole["cases"])
      if (!wanted.filter || std::regex_search(one["id"].get_ref<const std::string&>(), *wanted.filter))
        run_one(family, one, close, count, out);
  }
  out << count.passed << " passed, " << count.failed << " failed, " << count.skipped << " skipped\n";
  return count;
}

}  // namespace goldens
