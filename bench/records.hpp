// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace diffode_bench {

using nlohmann::json;

inline json read_json(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("can not read '" + path + "'");
  return json::parse(file);
}

/// One case of bench_combine or bench_sampler in one of the builds.
struct record {
  std::string build, program, method, element;
  std::size_t size, threads;
  double bytes, ns, speed, copy, triad, of_triad, hand, hand_of_best, textbook;
  double other = 0;  ///< time of the other build over that of this one, measured in the same run; 0: it was not

  auto key() const { return std::tie(build, program, method, element, size, threads); }
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(record, build, program, method, element, size, threads, bytes, ns, speed, copy, triad, of_triad, hand,
                                   hand_of_best, textbook, other)

inline double median(std::vector<double> all) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

/// The results of all runs of one build. Of a case that was measured several times the middle of each number counts: the best time
/// would be that of a run that was lucky with its pages or its neighbours.
class records {
 public:
  void add(const std::string& build, const json& file) {
    builds_[build] = {{"compiler", file.at("context").at("compiler")}, {"flags", file.at("context").at("flags")}};
    for (const char* known : {"other_flags", "most"})
      if (const json& c = file.at("context"); c.contains(known)) builds_[build][known] = c.at(known);
    for (const json& run : file.at("benchmarks")) {
      if (run.value("error_occurred", false)) continue;
      add(read(build, run));
    }
  }

  std::vector<record> all() const {
    std::vector<record> merged;
    for (const std::vector<record>& same : cases_) merged.push_back(merge(same));
    return merged;
  }
  const json& builds() const { return builds_; }

 private:
  void add(const record& r) {
    for (std::vector<record>& same : cases_)
      if (same.front().key() == r.key()) {
        same.push_back(r);
        return;
      }
    cases_.push_back({r});
  }

  /// Its name is program/method/element/size/threads and what the benchmark library adds.
  static record read(const std::string& build, const json& run) {
    const std::string name = run.at("name");
    std::vector<std::string> part{""};
    for (const char c : name)
      if (c == '/') part.emplace_back();
      else part.back() += c;
    if (part.size() < 5) throw std::runtime_error("benchmark '" + name + "' is none of these programs");
    const auto at = [&](const char* counter) { return run.at(counter).get<double>(); };
    return {build, part[0], part[1], part[2], std::stoul(part[3]), std::stoul(part[4]), at("bytes"), at("ns"), at("speed"), at("copy"),
            at("triad"), at("of_triad"), at("hand"), at("hand_of_best"), at("textbook"), run.value("other", 0.0)};
  }

  static record merge(const std::vector<record>& same) {
    record middle = same.front();
    for (double record::* number : {&record::ns, &record::speed, &record::copy, &record::triad, &record::of_triad, &record::hand, &record::hand_of_best, &record::textbook, &record::other}) {
      std::vector<double> all;
      for (const record& r : same)
        if (number != &record::other || r.other > 0) all.push_back(r.*number);
      if (!all.empty()) middle.*number = median(all);
    }
    return middle;
  }

  std::vector<std::vector<record>> cases_;
  json builds_ = json::object();
};

/// A results.json. Those of before builds were compared in one run have no such ratios.
inline json read_results(const std::string& path) {
  json all = read_json(path);
  for (json& r : all.at("cost"))
    if (!r.contains("other")) r["other"] = 0.0;
  return all;
}

/// What the system says of itself. Nothing that names the machine or its user.
inline json machine() {
  json m{{"threads", std::thread::hardware_concurrency()}};
  std::ifstream cpus("/proc/cpuinfo");
  for (std::string line; std::getline(cpus, line);)
    if (const std::size_t colon = line.find(": "); colon != std::string::npos && line.starts_with("model name")) m["processor"] = line.substr(colon + 2);
  json caches = json::array();
  for (int k = 0; k < 8; ++k) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(k) + "/";
    const auto word = [&](const char* file) {
      std::ifstream from(folder + file);
      std::string text;
      from >> text;
      return text;
    };
    if (const std::string size = word("size"); !size.empty()) caches.push_back({{"level", word("level")}, {"type", word("type")}, {"size", size}});
  }
  m["caches"] = caches;
  std::ifstream memory("/proc/meminfo");
  std::string name;
  std::size_t kib = 0;
  if (memory >> name >> kib) m["memory_gib"] = static_cast<double>(kib) / 1048576.0;
  std::ifstream release("/etc/os-release");
  for (std::string line; std::getline(release, line);)
    if (line.starts_with("PRETTY_NAME=")) m["system"] = line.substr(13, line.size() - 14);
  return m;
}

}  // namespace diffode_bench
