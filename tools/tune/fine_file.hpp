// SPDX-License-Identifier: MIT
#pragma once

#include "../shared/fingerprint.hpp"
#include "files.hpp"

#include <diffode/search/teacher_course.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode_tune {

/// A fine solution that is kept: minutes of evaluations that no later call with the same choices has to repeat.
///
/// Format  a line of JSON with what it is of and a fingerprint of the rest, which is the states of all levels, the noisy end first,
///         as this machine holds numbers in memory: the same solution to the bit, or none
template <class T>
class fine_file {
 public:
  /// settings  what the solution depends on; named for them, so that those of other choices stay
  fine_file(const std::filesystem::path& folder, const std::string& model, nlohmann::json settings)
      : path_(folder / fmt::format("{}.fine-{}", model, diffode_tools::fingerprint(settings.dump()))), settings_(std::move(settings)) {}

  /// What was saved, if it is whole, of these settings and begins at these states. Says so where it is not.
  std::optional<diffode::teacher_course<T>> load(const diffode::grid& fine, const std::vector<T>& starts, std::size_t batch) const {
    if (!std::filesystem::exists(path_)) return std::nullopt;
    const std::string all = read_file(path_);
    std::string why;
    if (auto states = states_of(all, fine.size(), starts, why)) {
      auto known = diffode::teacher_course<T>::try_of(fine, *std::move(states), batch);
      if (known) return std::move(known).value();
      why = known.reason()->what();
    }
    fmt::print(stderr, "{} is damaged, made anew: {}\n", path_.string(), why);
    return std::nullopt;
  }

  void save(const diffode::teacher_course<T>& course) const {
    std::string states;
    for (const std::vector<T>& x : course.states()) states.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(T));
    write_file(path_, header(course.states().size(), course.starts().size(), diffode_tools::fingerprint(states)).dump() + "\n" + states);
  }

 private:
  nlohmann::json header(std::size_t levels, std::size_t numbers, const std::string& mark) const {
    return {{"format", "diffode-fine/1"}, {"settings", settings_}, {"levels", levels}, {"numbers", numbers}, {"bytes", sizeof(T)}, {"fnv1a", mark}};
  }

  std::optional<std::vector<std::vector<T>>> states_of(std::string_view all, std::size_t levels, const std::vector<T>& starts, std::string& why) const {
    const auto refused = [&](std::string text) { return why = std::move(text), std::nullopt; };
    const std::size_t line = all.find('\n'), size = starts.size() * sizeof(T);
    if (line == std::string_view::npos) return refused("it has no first line");
    const nlohmann::json is = nlohmann::json::parse(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(line), nullptr, false);
    const std::string_view bytes = all.substr(line + 1);
    if (bytes.size() != levels * size) return refused(fmt::format("it has {} bytes of states, needs {}", bytes.size(), levels * size));
    if (is != header(levels, starts.size(), diffode_tools::fingerprint(bytes))) return refused("its first line does not belong to these settings and states");
    if (std::memcmp(bytes.data(), starts.data(), size) != 0) return refused("it begins at other states");
    std::vector<std::vector<T>> states(levels, std::vector<T>(starts.size()));
    for (std::size_t k = 0; k < levels; ++k) std::memcpy(states[k].data(), bytes.data() + k * size, size);
    return states;
  }

  std::filesystem::path path_;
  nlohmann::json settings_;
};

}  // namespace diffode_tune
