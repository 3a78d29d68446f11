// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace diffode_tools {

/// How far a tool is, on the error stream: a line that is written over on a terminal, and else now and then a new one.
class progress_line {
 public:
  /// A `last` one is always shown, and ends the line.
  void operator()(const std::string& text, bool last = false) {
    const auto now = std::chrono::steady_clock::now();
    hidden_.clear();
    if (!last && now - shown_ < (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000))) {
      hidden_ = text;
      return;
    }
    shown_ = now;
    open_ = terminal_ && !last;
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r\x1b[K" : "", text, open_ ? "" : "\n");
  }
  /// Shows where things are now; whatever is printed next begins a line.
  void end() {
    if (!hidden_.empty()) (*this)(std::string(hidden_), true);
    if (open_) fmt::print(stderr, "\n");
    open_ = false;
  }

 private:
  bool terminal_ = ::isatty(STDERR_FILENO) == 1, open_ = false;
  std::string hidden_;
  std::chrono::steady_clock::time_point shown_{};
};

}  // namespace diffode_tools
