// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/adapter/json.hpp>

#include <sys/wait.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace search_tool {

/// The folder of the files that a search hands to its command, beside its log: LOG.tries. It is gone at the end; who is killed leaves
/// it, and the next run on that log, the only one on it, begins with it empty.
class tries_folder {
 public:
  static std::filesystem::path path_for(const std::string& log) { return std::filesystem::absolute(log).string() + ".tries"; }

  explicit tries_folder(const std::string& log) : path_(path_for(log)) {
    std::error_code problem;
    std::filesystem::create_directory(path_, problem);
    if (problem) throw std::runtime_error(path_.string() + " can not be made a folder, for the schedules that --command scores: " + problem.message());
    clear();
  }
  tries_folder(const tries_folder&) = delete;
  tries_folder& operator=(const tries_folder&) = delete;
  ~tries_folder() {
    clear();
    std::error_code not_empty;
    std::filesystem::remove(path_, not_empty);
  }
  std::filesystem::path file(unsigned number) const { return path_ / ("try_" + std::to_string(number) + ".json"); }

 private:
  /// Only what has the names of tries: nobody knows what else people put there.
  void clear() const {
    std::error_code ignored;
    std::vector<std::filesystem::path> left;
    for (const auto& e : std::filesystem::directory_iterator(path_, ignored)) {
      const std::string name = e.path().filename().string();
      if (name.starts_with("try_") && name.ends_with(".json")) left.push_back(e.path());
    }
    for (const auto& file : left) std::filesystem::remove(file, ignored);
  }

  std::filesystem::path path_;
};

/// One word for the shell, whatever is in it.
inline std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) c == '\'' ? word += "'\\''" : word += c;
  return word + "'";
}

/// Without white space at its ends, as in lines that end as on Windows.
inline std::string trimmed(const std::string& text) {
  constexpr const char* white = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(white);
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(white) + 1 - first);
}

/// Scores a schedule by a program of the user's: `COMMAND FILE`, with the schedule in FILE; the last line that it prints is
/// the score. A program that fails ends the search: its scores would say nothing.
struct command {
  std::string line;
  const tries_folder& folder;
  mutable std::atomic<unsigned> scored = 0;

  double operator()(const diffode::solver_schedule& s) const {
    const std::filesystem::path file = folder.file(scored++);
    if (!(std::ofstream(file) << diffode::to_json(s))) throw std::runtime_error(file.string() + " can not be written");
    const std::string whole = line + " " + quoted(file.string());
    // Ctrl-C in a terminal reaches all programs there: what was begun is scored, and then the search stops.
    std::FILE* const pipe = ::popen(("trap '' INT; " + whole).c_str(), "r");
    if (!pipe) throw std::runtime_error("the command can not be started: " + line);
    const std::string last = last_line(pipe);
    const int status = ::pclose(pipe);
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (status != 0) throw std::runtime_error("the command failed with status " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : status) + ": " + whole);
    char* end = nullptr;
    const double score = std::strtod(last.c_str(), &end);
    if (last.empty() || end != last.c_str() + last.size()) throw std::runtime_error("the command printed \"" + last + "\", needs a number in its last line: " + whole);
    return score;
  }

 private:
  /// The last line that has more than white space.
  static std::string last_line(std::FILE* pipe) {
    std::string last, text;
    const auto end_line = [&] {
      if (std::string shown = trimmed(text); !shown.empty()) last = std::move(shown);
      text.clear();
    };
    for (int c; (c = std::fgetc(pipe)) != EOF;)
      if (c == '\n') end_line();
      else text += static_cast<char>(c);
    end_line();
    return last;
  }
};

}  // namespace search_tool
