// SPDX-License-Identifier: MIT
#include "../../tools/shared/fingerprint.hpp"

#include "catch.hpp"

#include <filesystem>
#include <fstream>
#include <string_view>

using diffode_tools::fingerprint;
using diffode_tools::fingerprints;
using diffode_tools::fnv1a;

// The vectors of the authors' own test suite, also in draft-eastlake-fnv, appendix C.
TEST_CASE("fnv1a of known bytes is what its authors publish") {
  CHECK(fnv1a("") == 0xcbf29ce484222325);
  CHECK(fnv1a("a") == 0xaf63dc4c8601ec8c);
  CHECK(fnv1a("foobar") == 0x85944171f73967e8);
  CHECK(fnv1a(std::string_view("\0", 1)) == 0xaf63bd4c8601b7df);
  CHECK(fingerprint("foobar") == "85944171f73967e8");
}

TEST_CASE("fingerprints names each file, and changes with any byte") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "diffode_fingerprints";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "one") << "foobar";
  std::ofstream(folder / "two") << "a";
  CHECK(fingerprints(folder, {"one", "two"}) == "one 85944171f73967e8, two af63dc4c8601ec8c");
  std::ofstream(folder / "two") << "b";
  CHECK(fingerprints(folder, {"one", "two"}) != "one 85944171f73967e8, two af63dc4c8601ec8c");
  CHECK_THROWS_WITH(fingerprints(folder, {"three"}), (folder / "three").string() + ": cannot be opened, needs a file that can be read");
  std::filesystem::remove_all(folder);
}
