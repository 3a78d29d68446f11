// SPDX-License-Identifier: MIT
//
// Files that there is not the memory for are refused, and files that only claim to be large take little.
#include "catch.hpp"
#include "diffode/statistics/npz_folder.hpp"
#include "diffode/statistics/statistics_file.hpp"
#include "diffode/statistics/sums_file.hpp"
#include "statistics/allocations.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

/// Lets one large allocation after the other fail, in calls of their own, until a call has none left that could.
template <class Read>
void check_each_failure(const std::string& what, const Read& read) {
  INFO(what);
  for (int k = 0; k < 1000; ++k) {
    large_granted = k;
    const auto made = read();
    const bool failed = large_granted < 0;
    large_granted = -1;
    if (!failed) {
      CHECK(made);
      CHECK(k > 0);
      return;
    }
    REQUIRE_FALSE(made);
    CHECK(made.reason()->code() == errc::bad_file);
    CHECK_THAT(made.reason()->what(), contains("takes more memory than there is"));
  }
  FAIL("there is always one more allocation");
}

measured_statistics table(std::size_t rows = 1000, std::size_t columns = 2) {
  measured_statistics all;
  for (std::size_t i = 0; i < rows; ++i) all.lambda.push_back(static_cast<double>(i));
  for (std::vector<double>* v : {&all.l, &all.s, &all.b}) v->assign(rows * columns, 0.5);
  return all;
}

}  // namespace

TEST_CASE("where there is not the memory for a file it is refused, and nothing is thrown") {
  const measured_statistics all = table();
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("diffode_short_" + std::to_string(std::random_device{}()));
  save_npz(all, folder);
  const std::string file = safetensors_of(all), array = npy_bytes({1000, 2}, all.l);
  const std::pair<std::string, npy_array> arrays[] = {{"l", {{1000, 2}, all.l}}};
  const std::string archive = try_npz_bytes(arrays, npz_members::deflated).value();
  const statistics_options o{.from = 0, .to = 1, .steps = 500, .samples = 4, .block = 4};
  statistics_sums sums = statistics_sums::make(o);
  raise(sums.try_add({.first = 0, .blocks = 1, .cells = std::vector<statistics_cell>(o.cells())}));
  const std::string state = bytes_of(sums);

  check_each_failure("an .npy file", [&] { return try_read_npy(array, "a"); });
  check_each_failure("an archive", [&]() -> result<npy_array> {
    const auto read = npz_file::try_parse(archive, "a");
    if (!read) return *read.reason();
    return read.value().try_find("l");
  });
  check_each_failure("a folder", [&] { return try_load_npz_statistics(folder); });
  check_each_failure("a safetensors file", [&] { return try_statistics_of_safetensors(file, "a"); });
  check_each_failure("partial sums", [&] { return try_sums_of(state, "a"); });
  std::filesystem::remove_all(folder);
}

TEST_CASE("a member that claims to be five hundred times what it is takes memory for what comes, and no more") {
  std::mt19937_64 draw(3);
  std::vector<double> values(50000);
  for (double& v : values) v = static_cast<double>(draw()) * 0x1p-64;
  const std::pair<std::string, npy_array> arrays[] = {{"l", {{values.size()}, values}}};
  std::string bytes = try_npz_bytes(arrays, npz_members::deflated).value();
  const std::size_t index = bytes.rfind("PK\x01\x02");
  const std::uint32_t claimed = static_cast<std::uint32_t>(500 * values.size() * sizeof(double));
  std::memcpy(bytes.data() + index + 24, &claimed, 4);
  most_at_once = 0;
  const auto file = npz_file::try_parse(bytes, "a.npz");
  REQUIRE(file);
  const auto read = file.value().try_find("l");
  REQUIRE_FALSE(read);
  CHECK(read.reason()->what() == std::string("a.npz: l.npy: is damaged"));
  CHECK(most_at_once < 10 * bytes.size());
}
