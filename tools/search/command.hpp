// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/adapter/json.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace search_tool {

/// Scores a schedule by a program of the user's: `COMMAND FILE`, with the schedule in FILE; the last line that it prints is
/// the score. A program that fails ends the search: its scores would say nothing.
struct command {
  std::string line;
  std::filesystem::path folder;  ///< where the files are written, each removed once it was scored
  mutable std::atomic<unsigned> scored = 0;

  double operator()(const diffode::solver_schedule& s) const {
    const std::filesystem::path file = folder / ("diffode_search_" + std::to_string(::getpid()) + "_" + std::to_string(scored++) + ".json");
    if (!(std::ofstream(file) << diffode::to_json(s))) throw std::runtime_error(file.string() + " can not be written");
    const std::string whole = line + " '" + file.string() + "'";
    // Ctrl-C in a terminal reaches all programs there: what was begun is scored, and then the search stops.
    std::FILE* const pipe = ::popen(("trap '' INT; " + whole).c_str(), "r");
    if (!pipe) throw std::runtime_error("the command can not be started: " + line);
    std::string last, text;
    for (int c; (c = std::fgetc(pipe)) != EOF;) {
      if (c != '\n') text += static_cast<char>(c);
      else if (!text.empty()) last = std::move(text), text.clear();
    }
    if (!text.empty()) last = text;
    const int status = ::pclose(pipe);
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (status != 0) throw std::runtime_error("the command failed with status " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : status) + ": " + whole);
    char* end = nullptr;
    const double score = std::strtod(last.c_str(), &end);
    if (end == last.c_str() || *end != '\0') throw std::runtime_error("the command printed \"" + last + "\", needs a number in its last line: " + whole);
    return score;
  }
};

}  // namespace search_tool
