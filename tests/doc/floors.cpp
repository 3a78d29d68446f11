// SPDX-License-Identifier: MIT
#include "../../bench/floor.hpp"
#include "catch.hpp"
#include "doc/files.hpp"

#include <cstddef>
#include <string>
#include <vector>

// docs/performance.md has one row for each method of the benchmarks, in their order: | method | read | written | 3 e | 12 | 6 |
TEST_CASE("floors on the performance page are those of the plans") {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : doc::lines(doc::read(doc::root() / "docs/performance.md")))
    if (line.rfind("| `", 0) == 0) {
      rows.emplace_back();
      for (const char c : line)
        if (c == '|') rows.back().emplace_back();
        else rows.back().back() += c;
    }
  REQUIRE(rows.size() == diffode_bench::cases().size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const diffode_bench::method_case& c = diffode_bench::cases()[k];
    const diffode::plan made = c.on(diffode_bench::levels_for(c));
    INFO(c.name << " on the page: " << rows[k][0]);
    CHECK(rows[k][0].find("`" + std::string(made.method())) != std::string::npos);
    CHECK(std::stod(rows[k][3]) == diffode_bench::floor_in_bytes(made, 1));
    CHECK(std::stod(rows[k][4]) == diffode_bench::floor_in_bytes(made, sizeof(float)));
    CHECK(std::stod(rows[k][5]) == diffode_bench::floor_in_bytes(made, 2));
  }
}
