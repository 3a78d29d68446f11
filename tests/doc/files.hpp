// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// Files of the repository, for tests that hold documents to the code.
namespace doc {

inline std::filesystem::path root() { return DIFFODE_SOURCE_DIR; }

inline std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

inline std::vector<std::string> lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

inline bool may_write() { return std::getenv("DIFFODE_UPDATE_DOCS") != nullptr; }

/// Whether `file` has `wanted` between the lines `<!-- name -->` and `<!-- end of name -->`. With DIFFODE_UPDATE_DOCS
/// set, writes it there first.
inline bool holds(const std::filesystem::path& file, const std::string& name, const std::string& wanted) {
  const std::string open = "<!-- " + name + " -->\n", close = "<!-- end of " + name + " -->";
  std::string text = read(file);
  const std::size_t from = text.find(open), to = text.find(close);
  if (from == std::string::npos || to == std::string::npos || to < from) return false;
  const std::size_t begin = from + open.size();
  if (may_write() && text.substr(begin, to - begin) != wanted) {
    text.replace(begin, to - begin, wanted);
    std::ofstream(file) << text;
    return true;
  }
  return text.substr(begin, to - begin) == wanted;
}

}  // namespace doc
