// SPDX-License-Identifier: MIT
#include "diffode/grid/resampled.hpp"

#include "diffode/schedule/edm.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("resampled_sigmas: the logarithms are linear between the entries, and the entries are exact") {
  const column list{80, 5, 0.3, 0.01};
  CHECK(resampled_sigmas(list, 3) == list);
  CHECK(resampled_sigmas(list, 1) == column{80, 0.01});
  CHECK(off(resampled_sigmas(list, 2), {80, std::sqrt(5 * 0.3), 0.01}) < 1e-15);
  const column twice = resampled_sigmas(list, 6);
  for (std::size_t i = 0; i < list.size(); ++i) CHECK(twice[2 * i] == list[i]);
  CHECK(off(twice[3], std::sqrt(5 * 0.3)) < 1e-15);
  // An exponential list stays one, whatever the number of steps.
  const column powers = resampled_sigmas(column{16, 8, 4, 2, 1}, 7);
  for (int i = 0; i <= 7; ++i) CHECK(off(powers[static_cast<std::size_t>(i)], std::exp2(4 - 4.0 * i / 7)) < 1e-15);
  for (const int n : small_counts)
    CHECK(from_sigmas(edm{}, resampled_sigmas(list, n)).steps() == static_cast<std::size_t>(n));
}

TEST_CASE("resampled_sigmas: refusals name argument, value and what is allowed") {
  const auto with = [](column c, int n) { return message(try_resampled_sigmas(c, n)); };
  CHECK(with({1}, 4) == "resampled_sigmas: number of sigmas is 1, needs at least 2");
  CHECK(with({1, 0}, 4) == "resampled_sigmas: sigma 1 is 0, needs a finite number above 0");
  CHECK(with({infinity, 1}, 4) == "resampled_sigmas: sigma 0 is inf, needs a finite number above 0");
  CHECK(with({2, 1}, 0) == "resampled_sigmas: count is 0, needs at least 1");
  CHECK(with({2, 1}, 1000001) == "resampled_sigmas: count is 1000001, needs at most 1000000");
}
