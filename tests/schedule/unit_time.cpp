// SPDX-License-Identifier: MIT
#include "diffode/schedule/unit_time.hpp"

#include "diffode/schedule/clipped.hpp"
#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("unit_time: entry i of N is at t = (i + 1)/N and is told as i") {
  for (const int n : {2, 10, 1000}) {
    const unit_time s{discrete_from({.count = n}, interpolation::log_alpha)};
    for (const int i : {0, 1, n / 2, n - 1}) {
      const level<> here = s.at((i + 1.0) / n), entry = s.table.at(i);
      CHECK(here.t == (i + 1.0) / n);
      CHECK(std::abs(here.label - i) < 1e-12);
      CHECK(off(here.alpha, entry.alpha) < 1e-14);
      CHECK(std::abs(here.lambda - entry.lambda) < 1e-10);  // the label is off by 1e-13 steps
    }
    CHECK(s.range().noisy == 1);
  }
}

TEST_CASE("unit_time: at_lambda inverts at, and clean data is at the first time") {
  const unit_time s{discrete_from({}, interpolation::log_alpha)};
  CHECK(worst_inverse(s, s.range().clean, 1) < 1e-12);  // one entry of 1000 carries 3 digits less
  check_lambda(s);
  const level<> clean = s.at_lambda(infinity);
  CHECK(clean.sigma == 0);
  CHECK(clean.label == 0);
}

TEST_CASE("unit_time: the times of a clipped table are those of the shorter table") {
  const unit_time s{clipped(discrete_from({.rule = beta_rule::squaredcos_cap_v2}, interpolation::log_alpha))};
  const double length = static_cast<double>(s.table.log_alpha.size());
  REQUIRE(length < 1000);
  CHECK(std::abs(s.at(1).label - (length - 1)) < 1e-12);
  CHECK(message(unit_time{}.check()) == "discrete: number of entries is 0, needs at least 2");
}
