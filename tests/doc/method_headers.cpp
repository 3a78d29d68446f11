// SPDX-License-Identifier: MIT
//
// What a method header may be: short, and mathematics alone.
#include "catch.hpp"
#include "doc/files.hpp"

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

namespace {

std::vector<std::filesystem::path> method_headers() {
  std::vector<std::filesystem::path> all;
  for (const auto& file : std::filesystem::directory_iterator(doc::root() / "include/diffode/method")) all.push_back(file.path());
  return all;
}

/// The lines without their comments.
std::vector<std::string> code_of(const std::filesystem::path& file) {
  std::vector<std::string> all;
  for (const std::string& line : doc::lines(doc::read(file))) all.push_back(line.substr(0, line.find("//")));
  return all;
}

}  // namespace

TEST_CASE("a method header has at most 200 lines") {
  CHECK(method_headers().size() > 30);
  for (const auto& file : method_headers()) {
    INFO(file.filename());
    CHECK(doc::lines(doc::read(file)).size() <= 200);
  }
}

TEST_CASE("a method header includes core, tape and the standard library alone") {
  const std::regex ours("#include \"diffode/(core|tape)/[a-z_]+\\.hpp\""), standard("#include <[a-z]+>");
  int includes = 0;
  for (const auto& file : method_headers())
    for (const std::string& line : code_of(file)) {
      if (line.rfind("#include", 0) != 0) continue;
      INFO(file.filename() << ": " << line);
      CHECK((std::regex_match(line, ours) || std::regex_match(line, standard)));
      ++includes;
    }
  CHECK(includes > 60);
}

TEST_CASE("a method header names no array, no backend and no kind of model") {
  const std::regex foreign("\\b(backend|sampler|workspace|plan|request|array_traits|parameterisation|[a-z0-9]+_model|guidance|filter|philox|cuda|float)\\b");
  for (const auto& file : method_headers())
    for (const std::string& line : code_of(file)) {
      if (line.rfind("#include", 0) == 0) continue;
      INFO(file.filename() << ": " << line);
      CHECK_FALSE(std::regex_search(line, foreign));
    }
}
