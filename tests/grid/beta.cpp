// SPDX-License-Identifier: MIT
#include "diffode/grid/beta.hpp"

#include "diffode/schedule/edm.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("beta_sigmas: quantiles of the sigmas, symmetrical for equal shapes") {
  const grid g = beta_sigmas(edm{}, {11, 1, 5});
  const column r = rhos(g);
  CHECK(off({r[0], r[2], r[4], r[5]}, {11, 6, 1, 0}) < 1e-14);
  CHECK(std::abs(r[1] + r[3] - 12) < 1e-13);
  // With a = b = 1 the distribution is uniform.
  CHECK(off(rhos(beta_sigmas(edm{}, {11, 1, 6}, {1, 1})), {11, 9, 7, 5, 3, 1, 0}) < 1e-13);
  check_counts([](int n) { return beta_sigmas(edm{}, {11, 1, n}); }, -std::log(11), infinity);
}

TEST_CASE("beta_times: quantiles of the times, rounded, each step once") {
  // With a = b = 1/2 the quantile is sin^2(pi p/2).
  const grid g = beta_times(table(), 5, {0.5, 0.5});
  column want;
  for (int i = 0; i < 5; ++i)
    want.push_back(std::round(999 * std::pow(std::sin(std::acos(-1.0) / 2 * (5 - i) / 5), 2)));
  want.push_back(0);
  CHECK(times(g) == want);
  CHECK(g.back().sigma == 0);
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8}) {
    CHECK(beta_times(table(), n).steps() == static_cast<std::size_t>(n));
    CHECK(beta_times(table(), n).front().t == 999);
  }
  CHECK(beta_times(table(), 1000).steps() < 1000);
}

TEST_CASE("beta grids: refusals name argument, value and what is allowed") {
  CHECK(message(try_beta_sigmas(edm{}, {11, 1, 0})) == "beta_sigmas: count is 0, needs at least 1");
  CHECK(message(try_beta_sigmas(edm{}, {11, 1, 4}, {.a = 0})) ==
        "beta_sigmas: a is 0, needs a number from 0.01 to 80");
  CHECK(message(try_beta_times(table(), -1)) == "beta_times: count is -1, needs at least 1");
  CHECK(message(try_beta_times(table(), 4, {.b = not_a_number})) ==
        "beta_times: b is nan, needs a number from 0.01 to 80");
  CHECK(message(try_beta_times(discrete{}, 4)) == "discrete: number of entries is 0, needs at least 2");
  CHECK(message(try_beta_times(table(), 4, {}, ending::at(-1))) ==
        "beta_times: ending is at sigma -1, needs a finite number not below 0");
}
