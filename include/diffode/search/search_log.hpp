// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/adapter/json.hpp"
#include "diffode/search/schedule_search.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace diffode {

/// The file that a search can be killed over: one line of JSON for each schedule that was tried, appended when its score is
/// known. A last line that was torn when the writer was killed is taken away when the log is opened again.
///
/// Format  first {"format": "diffode-search/1", "settings": ...}, then {"index": 3, "mark": "1f..", "score": 0.2, "schedule": {...}},
///         in the order in which scores became known; the score is null where it was not finite
/// Errors  of try_open: refuses a file that can not be read or written, is no such log, was made with other settings, or is
///         damaged before its last line
class search_log {
 public:
  /// settings   whatever has to be the same for scores to be worth anything: the space, the seed, the objective; JSON text
  static result<search_log> try_open(const std::string& path, const std::string& settings);
  static search_log open(const std::string& path, const std::string& settings) { return try_open(path, settings).value(); }

  std::optional<double> known(std::size_t index, std::uint64_t mark) const {
    const auto at = scores_.find(index);
    return at != scores_.end() && at->second.first == mark ? std::optional(at->second.second) : std::nullopt;
  }
  fault add(std::uint64_t mark, const scored& tried) {
    nlohmann::ordered_json line{{"index", tried.index}, {"mark", hexadecimal(mark)}, {"score", nullptr}};
    if (std::isfinite(tried.score)) line["score"] = tried.score;
    line["schedule"] = nlohmann::ordered_json::parse(to_json(tried.schedule));
    scores_[tried.index] = {mark, tried.score};
    return write(line.dump());
  }
  /// How many scores are remembered.
  std::size_t size() const { return scores_.size(); }

 private:
  struct closer {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };

  static std::string hexadecimal(std::uint64_t mark) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(mark));
    return text;
  }
  error unfit(std::string_view why) const { return detail::refuse(errc::bad_file, "search_log: ", std::string_view(path_), why); }

  /// One write for the whole line: what is killed leaves the line, a torn line, or nothing.
  fault write(const std::string& line) {
    const std::string whole = line + "\n";
    if (std::fwrite(whole.data(), 1, whole.size(), file_.get()) != whole.size() || std::fflush(file_.get()) != 0) return unfit(" can not be written: is the disk full?");
    return {};
  }
  fault read(std::string_view line, std::size_t number, const nlohmann::json& settings) {
    const nlohmann::json j = nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
    const auto bad = [&] { return unfit(std::string_view(detail::text(" is damaged in line ", number, ", needs to be as the search wrote it"))); };
    if (number == 1) {
      if (!j.is_object() || !j.contains("format") || j["format"] != "diffode-search/1") return unfit(" is no log of a search, needs a file that is one, or a new name");
      if (!j.contains("settings") || j["settings"] != settings) return unfit(" was made with other settings, needs the same ones, or a new name");
      return {};
    }
    if (!j.is_object() || !j.contains("index") || !j["index"].is_number_unsigned() || !j.contains("mark") || !j["mark"].is_string() || !j.contains("score") || !(j["score"].is_number() || j["score"].is_null())) return bad();
    std::uint64_t mark = 0;
    for (const char c : j["mark"].get_ref<const std::string&>()) {
      const std::size_t digit = std::string_view("0123456789abcdef").find(c);
      if (digit == std::string_view::npos) return bad();
      mark = mark << 4 | digit;
    }
    scores_[j["index"].get<std::size_t>()] = {mark, j["score"].is_null() ? std::numeric_limits<double>::infinity() : j["score"].get<double>()};
    return {};
  }

  std::string path_;
  std::unique_ptr<std::FILE, closer> file_;
  std::unordered_map<std::size_t, std::pair<std::uint64_t, double>> scores_;
};

inline result<search_log> search_log::try_open(const std::string& path, const std::string& settings) {
  search_log log;
  log.path_ = path;
  const nlohmann::json wanted = nlohmann::json::parse(settings, nullptr, false);
  if (wanted.is_discarded()) return log.unfit(": settings are not JSON");
  std::string all;
  if (std::error_code none; std::filesystem::exists(path, none)) {
    std::ifstream in(path, std::ios::binary);
    all.assign(std::istreambuf_iterator<char>(in), {});
    if (!in) return log.unfit(" can not be read");
  }
  // Whole lines only; what follows the last of them was torn.
  const std::size_t end = all.rfind('\n') == std::string::npos ? 0 : all.rfind('\n') + 1;
  for (std::size_t at = 0, number = 1; at < end; ++number) {
    const std::size_t stop = all.find('\n', at);
    if (const fault f = log.read(std::string_view(all).substr(at, stop - at), number, wanted)) return *f;
    at = stop + 1;
  }
  if (end == 0 && !all.empty() && all.rfind("{\"format\":\"diffode-search/1\"", 0) != 0 && !std::string_view("{\"format\":\"diffode-search/1\"").starts_with(all))
    return log.unfit(" is no log of a search, needs a file that is one, or a new name");
  if (end < all.size()) {
    std::error_code failed;
    std::filesystem::resize_file(path, end, failed);
    if (failed) return log.unfit(" can not be shortened by its torn last line");
  }
  log.file_.reset(std::fopen(path.c_str(), "ab"));
  if (!log.file_) return log.unfit(" can not be opened for writing");
  if (end == 0)
    if (const fault f = log.write("{\"format\":\"diffode-search/1\",\"settings\":" + wanted.dump() + "}")) return *f;
  return result<search_log>(std::move(log));
}

static_assert(score_log<search_log>);

}  // namespace diffode
