// SPDX-License-Identifier: MIT
//
// The paper's code averages the slope of l over five rows to each side, near the ends over those that there are; smooth_slope took
// as many on one side as on the other, and hid how runs explode on the result.
#include "catch.hpp"
#include "diffode/statistics/finish.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

using namespace diffode;

TEST_CASE("slopes of l are averaged over the rows that there are") {
  constexpr std::size_t rows = 13, reach = 5;
  const statistics_options o{.from = 0, .to = rows - 1, .steps = rows - 1, .samples = 2, .block = 2};
  // A model of which all samples say the same: f is flat, and b is its slope, -(1 - l) - l'.
  statistics_sums::node all{.first = 0, .blocks = 1, .cells = std::vector<statistics_cell>(rows)};
  std::vector<double> l, slope;
  for (std::size_t i = 0; i < rows; ++i) {
    l.push_back(1 / (1.0 + static_cast<double>(i * i)));
    all.cells[i].of[statistics_cell::mean_j] = l[i];
    all.cells[i].of[statistics_cell::mean_y] = 1;
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t a = std::max<std::size_t>(i, 1) - 1, b = std::min(i + 1, rows - 1);
    slope.push_back((l[b] - l[a]) / static_cast<double>(b - a));
  }
  statistics_sums sums = statistics_sums::make(o);
  raise(sums.try_add(std::move(all)));
  const finished_statistics made = finish(sums, {.smooth_l = 0, .smooth_slope = reach});
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t first = i < reach ? 0 : i - reach, last = std::min(i + reach, rows - 1);
    double mean = 0;
    for (std::size_t k = first; k <= last; ++k) mean += slope[k] / static_cast<double>(last - first + 1);
    INFO("row " << i);
    CHECK(made.s[i] == 0);
    // Eleven numbers below 1 are added.
    CHECK(made.b[i] == Approx(l[i] - 1 - mean).margin(1e-14));
  }
}
