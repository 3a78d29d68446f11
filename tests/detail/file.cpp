// SPDX-License-Identifier: MIT
#include "diffode/detail/file.hpp"

#include "catch.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

namespace fs = std::filesystem;
using diffode::detail::file_beside;
using diffode::detail::try_write_file;

namespace {

/// A folder that is gone at the end of the test.
struct scratch {
  const fs::path path = fs::temp_directory_path() / ("diffode_file_" + std::to_string(std::random_device{}()));
  scratch() { fs::create_directories(path); }
  ~scratch() { fs::remove_all(path); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator())); }
  std::string why(const fs::path& name) const {
    const diffode::fault f = try_write_file(path / name, "new");
    return f ? std::string(f->what()).substr((path / name).string().size()) : "written";
  }
};

void put(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a file that a link leads to is written, and the link stays") {
  const scratch here;
  fs::create_directory(here.path / "folder");
  put(here.path / "folder/old", "old");
  fs::create_symlink("folder/old", here.path / "to_old");
  fs::create_symlink("to_old", here.path / "to_link");
  fs::create_symlink("folder/free", here.path / "to_free");
  CHECK(here.why("to_link") == "written");
  CHECK(here.why("to_free") == "written");
  CHECK(text_of(here.path / "folder/old") == "new");
  CHECK(text_of(here.path / "folder/free") == "new");
  for (const char* const link : {"to_old", "to_link", "to_free"}) CHECK(fs::is_symlink(here.path / link));
  CHECK(here.files() == 4);
}

TEST_CASE("what is there and no file is refused, and stays") {
  const scratch here;
  const std::string needs = ", needs a file, or a name that is free";
  fs::create_directory(here.path / "folder");
  REQUIRE(::mkfifo((here.path / "pipe").c_str(), 0600) == 0);
  fs::create_symlink("pipe", here.path / "to_pipe");
  fs::create_symlink("round", here.path / "round");
  CHECK(here.why("folder") == ": is a folder" + needs);
  CHECK(here.why("free/") == ": is a folder" + needs);
  CHECK(here.why("pipe") == ": is a device, pipe or socket" + needs);
  CHECK(here.why("to_pipe") == ": is a device, pipe or socket" + needs);
  CHECK(here.why("round") == ": is a link that leads to no end" + needs);
  CHECK(here.why("no/file") == ": cannot be written: No such file or directory");
  CHECK(fs::is_fifo(here.path / "pipe"));
  CHECK(here.files() == 4);
}

TEST_CASE("files beside the place that are there already are let alone") {
  const scratch here;
  const fs::path file = here.path / "a";
  for (const char* const name : {"a.part", "a.new", "a.diffode-0.part"}) put(here.path / name, "somebody's");
  CHECK(here.why("a") == "written");
  {
    file_beside left(file);
    CHECK_FALSE(left.write("never put in place"));
    CHECK(here.files() == 5);
  }
  CHECK(text_of(file) == "new");
  for (const char* const name : {"a.part", "a.new", "a.diffode-0.part"}) CHECK(text_of(here.path / name) == "somebody's");
  CHECK(here.files() == 4);
}
