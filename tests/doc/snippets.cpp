// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "doc/files.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// A line without what does not change its meaning: leading and trailing blanks.
std::string bare(const std::string& line) {
  const std::size_t first = line.find_first_not_of(' '), last = line.find_last_not_of(' ');
  return first == std::string::npos ? "" : line.substr(first, last - first + 1);
}

struct snippet {
  fs::path file;
  int line;
  std::vector<std::string> code;
};

std::vector<snippet> snippets_of(const fs::path& file) {
  std::vector<snippet> all;
  bool inside = false;
  int number = 0;
  for (const std::string& line : doc::lines(doc::read(file))) {
    ++number;
    if (inside && bare(line) == "```") inside = false;
    else if (inside) {
      if (!bare(line).empty()) all.back().code.push_back(bare(line));
    } else if (bare(line) == "```cpp") {
      inside = true;
      all.push_back({file, number, {}});
    }
  }
  return all;
}

std::vector<fs::path> files_below(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> all;
  if (fs::exists(folder))
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.path().extension() == extension) all.push_back(entry.path());
  return all;
}

/// All lines that are compiled: examples, tests, the library itself; each file one run of lines.
std::vector<std::vector<std::string>> compiled() {
  std::vector<std::vector<std::string>> all;
  for (const char* folder : {"examples", "tests", "include"})
    for (const char* extension : {".cpp", ".hpp", ".cu"})
      for (const fs::path& file : files_below(doc::root() / folder, extension)) {
        std::vector<std::string> code;
        for (const std::string& line : doc::lines(doc::read(file)))
          if (!bare(line).empty()) code.push_back(bare(line));
        all.push_back(std::move(code));
      }
  return all;
}

}  // namespace

TEST_CASE("every snippet of the documentation stands, line by line, in a file that is compiled") {
  std::vector<fs::path> documents = files_below(doc::root() / "docs", ".md");
  for (const char* folder : {"examples", "tools"})
    for (const fs::path& file : files_below(doc::root() / folder, ".md")) documents.push_back(file);
  documents.push_back(doc::root() / "README.md");
  const auto sources = compiled();
  int found = 0;
  for (const fs::path& document : documents)
    for (const snippet& s : snippets_of(document)) {
      INFO(s.file.string() << ":" << s.line << ": this snippet is in no file under examples, tests or include");
      CHECK(std::any_of(sources.begin(), sources.end(), [&](const std::vector<std::string>& code) {
        return std::search(code.begin(), code.end(), s.code.begin(), s.code.end()) != code.end();
      }));
      ++found;
    }
  CHECK(found >= 2);  // the README's own two at least: an empty search proves nothing
}
