// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

TEST_CASE("every header of a grid or a schedule is linked on the page of grids, and every link there leads somewhere") {
  namespace fs = std::filesystem;
  const fs::path root = DIFFODE_SOURCE_DIR;
  std::ifstream file(root / "docs/grids.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (const char* folder : {"include/diffode/grid", "include/diffode/schedule"})
    for (const auto& entry : fs::directory_iterator(root / folder)) {
      const std::string link = std::string("(../") + folder + "/" + entry.path().filename().string() + ")";
      INFO("docs/grids.md needs a link " << link);
      CHECK(page.find(link) != std::string::npos);
    }
  std::size_t links = 0;
  for (std::size_t at = page.find("](../"); at != std::string::npos; at = page.find("](../", at + 1), ++links) {
    const std::string target = page.substr(at + 5, page.find(')', at) - at - 5);
    INFO("docs/grids.md links " << target);
    CHECK(fs::exists(root / target));
  }
  CHECK(links > 60);
}
