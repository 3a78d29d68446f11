// SPDX-License-Identifier: MIT
#include "diffode/grid/gits.hpp"

#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("gits: the grid that was searched is Stable Diffusion's table at even times") {
  for (int k = 0; k <= 100; ++k) {
    const double here = rho(table().at(999 * (1 - k / 100.0)));
    // The list was made in float32: alpha^2 is off by up to 8e-7, half of which comes back divided by sigma^2.
    CHECK(off(detail::gits_sigmas[k], here) < 3e-6 + 4e-7 * (1 + here * here) / (here * here));
  }
}

TEST_CASE("gits: published lists") {
  CHECK(off(rhos(gits(table(), {10})), {14.61464119, 5.85520077, 2.84484982, 1.67050016, 1.08895338, 0.74807048,
                                        0.50118381, 0.32104823, 0.19894916, 0.09824532, 0}) < 1e-14);
  CHECK(off(rhos(gits(table(), {4, 0.8, ending::keep})),
            {14.61464119, 11.54541874, 7.49001646, 3.07277966, 0.02916753}) < 1e-14);
  CHECK(off(rhos(gits(table(), {8, 1.5})), {14.61464119, 1.61558151, 0.83188516, 0.52423614, 0.34370604, 0.25053367,
                                            0.17026083, 0.09824532, 0}) < 1e-14);
}

TEST_CASE("gits: all lists of a coefficient, by the sum of (place in the list) times (published sigma)") {
  const double sums[] = {10072.14376128, 8718.35453833, 7018.34516025, 5198.84439312, 3676.02295719,
                         2736.52400631,  2077.86490326, 1633.55989102, 1427.82133303, 1172.09041944,
                         1075.504308,    936.62768884,  841.89669644,  810.31117829,  778.2084448};
  for (int row = 0; row < 15; ++row) {
    double sum = 0;
    for (int n = 2; n <= 20; ++n) {
      const column all = rhos(gits(table(), {n, 0.8 + 0.05 * row, ending::keep}));
      for (std::size_t i = 0; i < all.size(); ++i) sum += static_cast<double>(i + 1) * all[i];
    }
    CHECK(std::abs(sum - sums[row]) < 1e-9);
  }
}

TEST_CASE("gits: for every coefficient and count the places rise and stay between the ends") {
  for (int row = 0; row < 15; ++row)
    for (int n = 2; n <= 20; ++n) {
      int before = 0;
      bool rises = true;
      for (int i = 0; i < n - 1; ++i) {
        const int place = detail::gits_places[row][(n - 2) * (n - 1) / 2 + i];
        rises = rises && place > before;
        before = place;
      }
      CHECK((rises && before < 100));
    }
}

TEST_CASE("gits: every count has its steps; beyond 20 they are spread along the list of 20") {
  const double first = -std::log(14.61464119), last = -std::log(0.02916753);
  check_counts([](int n) { return gits(table(), {n}); }, first, infinity);
  check_counts([](int n) { return gits(table(), {n, 1.0, ending::keep}); }, first, last);
  CHECK(off(rhos(gits(table(), {1, 1.2, ending::keep})), {14.61464119, 0.02916753}) < 1e-14);
  const column twenty = rhos(gits(table(), {20})), forty = rhos(gits(table(), {40}));
  for (std::size_t i = 0; i < 20; ++i) CHECK(off(forty[2 * i], twenty[i]) < 1e-14);
  CHECK(rhos(gits(table(), {7, 1.21})) == rhos(gits(table(), {7, 1.2})));
  CHECK(rhos(gits(table(), {7, 1.23})) == rhos(gits(table(), {7, 1.25})));
}

TEST_CASE("gits: refusals name argument, value and what is allowed") {
  CHECK(message(try_gits(table(), {})) == "gits: count is 0, needs at least 1");
  CHECK(message(try_gits(table(), {1000001})) == "gits: count is 1000001, needs at most 1000000");
  CHECK(message(try_gits(table(), {4, 0.75})) == "gits: coefficient is 0.75, needs a number from 0.8 to 1.5");
  CHECK(message(try_gits(table(), {4, not_a_number})) == "gits: coefficient is nan, needs a number from 0.8 to 1.5");
}
