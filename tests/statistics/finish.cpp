// SPDX-License-Identifier: MIT
#include "diffode/statistics/finish.hpp"

#include "catch.hpp"
#include "method/exact_statistics.hpp"
#include "statistics/two_normals.hpp"

#include <string>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

constexpr statistics_guards bare{.smooth_l = 0, .largest_s = HUGE_VAL, .floor = 0};

}  // namespace

TEST_CASE("from sums that are integrals come the statistics of the specification") {
  const struct {
    std::size_t i;
    double lambda, l, s, b;
  } vp[] = {{505, -1.002083, 0.93133963, 1.840740, 0.0921012}, {632, 0.003333, 0.65567971, 1.295432, 0.0628983}, {884, 1.998333, 0.19329880, -1.381985, 2.0509e-4}},
    ve[] = {{270, -1.997784, 0.99002825, 1.973046, 0.0986558}, {496, -0.002084, 0.65789229, 1.300298, 0.0631826},
            {609, 0.995765, 0.41209516, 0.315183, 0.00981459}, {723, 2.002446, 0.19218496, -1.386202, 2.0167e-4}};
  const auto check = [](const two_normals_model& m, double from, double to, const auto& known) {
    const finished_statistics all = finish(exact_sums(m, {.from = from, .to = to, .steps = 1200, .samples = 1000, .block = 1000}), bare);
    for (const auto& k : known) {
      CHECK(all.lambda[k.i] == Approx(k.lambda).epsilon(1e-5).margin(1e-6));
      CHECK(all.l[k.i] == Approx(k.l).epsilon(1e-7));
      CHECK(all.s[k.i] == Approx(k.s).epsilon(1e-6));
      CHECK(all.b[k.i] == Approx(k.b).epsilon(1e-4));
    }
    // And all rows are what the paper's formulas say of f itself, which lose digits only where f is a small difference.
    const exact_statistics other(m.exact(), m.path, from, to, 1200);
    for (std::size_t i = 0; i < all.l.size(); ++i) {
      CHECK(all.l[i] == Approx(other.l[i]).epsilon(1e-11));
      CHECK(all.s[i] == Approx(other.s[i]).epsilon(1e-5));
      CHECK(all.b[i] == Approx(other.b[i]).epsilon(1e-5).margin(1e-7));
    }
  };
  check({.path = {.vp = true}}, -5, 4.5, vp);
  check({.path = {.vp = false}}, -std::log(80), std::log(500), ve);
}

TEST_CASE("of a single normal s is 0 and b is the mean slope") {
  two_normals_model m{.path = {.vp = false}};
  m.parts = {{{0.4, 0.3, 0.5}, {0.6, 0.3, 0.5}}};
  const finished_statistics all = finish(exact_sums(m, {.from = -std::log(80), .to = std::log(500), .steps = 1200, .samples = 1000, .block = 1000}), bare);
  CHECK(all.flat == 1201);
  const std::size_t at = 600;
  CHECK(all.lambda[at] == Approx(0.9163).epsilon(1e-4));
  CHECK(all.b[at] == Approx(0.142769).epsilon(1e-5));
  for (std::size_t i = 1; i < 1200; ++i) {
    CHECK(all.s[i] == 0);
    CHECK(all.l[i] == Approx(1 / (1 + 0.25 * std::exp(2 * all.lambda[i]))).epsilon(1e-12));
    CHECK(all.b[i] == Approx(2 * all.l[i] * (1 - all.l[i]) * 0.3).epsilon(1e-4));
  }
}

TEST_CASE("l is averaged over as many rows as there are on both sides, and then differenced") {
  const std::vector<double> v{1, 2, 4, 8, 16, 32};
  using enum detail::box_end;
  for (const detail::box_end end : {even, cut}) CHECK(detail::box_means(v, 0, end) == v);
  CHECK(detail::box_means(v, 1, even) == std::vector<double>{1, 7. / 3, 14. / 3, 28. / 3, 56. / 3, 32});
  CHECK(detail::box_means(v, 9, even) == std::vector<double>{1, 7. / 3, 31. / 5, 62. / 5, 56. / 3, 32});
  CHECK(detail::box_means(v, 1, cut) == std::vector<double>{3. / 2, 7. / 3, 14. / 3, 28. / 3, 56. / 3, 24});
  CHECK(detail::box_means(v, 4, cut) == std::vector<double>{31. / 5, 63. / 6, 63. / 6, 63. / 6, 63. / 6, 62. / 5});
  CHECK(detail::box_means(v, 9, cut) == std::vector<double>(6, 63. / 6));
  CHECK(detail::differences_over(std::vector<double>{0, 1, 3, 4, 5, 6}, v) == std::vector<double>{1, 1, 2, 6, 12, 16});

  const two_normals_model m;
  const statistics_options o{.from = -2, .to = 2, .steps = 40, .samples = 1000, .block = 1000};
  const finished_statistics plain = finish(exact_sums(m, o), bare);
  statistics_guards smooth = bare;
  smooth.smooth_l = 2;
  CHECK(finish(exact_sums(m, o), smooth).l == detail::box_means(plain.l, 2, even));
  CHECK(plain.lambda.front() == -2);
  CHECK(plain.lambda.back() == 2);
  CHECK(plain.columns() == 1);
  CHECK(plain.table().columns() == 1);
}

TEST_CASE("s is cut off where it is large and 0 where f varies no more than l is uncertain") {
  const two_normals_model m;
  const statistics_options o{.from = -2, .to = 2, .steps = 40, .samples = 1000, .block = 1000};
  const statistics_sums exact = exact_sums(m, o);
  const finished_statistics plain = finish(exact, bare);
  statistics_guards g = bare;
  g.largest_s = 1;
  const finished_statistics cut = finish(exact, g);
  CHECK(cut.clipped > 10);
  CHECK(cut.clipped < 40);
  std::size_t above = 0;
  for (std::size_t i = 0; i < 41; ++i) {
    above += std::abs(plain.s[i]) > 1;
    CHECK(cut.s[i] == std::fmax(-1, std::fmin(1, plain.s[i])));
    if (std::abs(plain.s[i]) <= 1) CHECK(cut.b[i] == plain.b[i]);
  }
  CHECK(cut.clipped == above);

  // A variance of l that puts the threshold of one row just above or just below the variance of f there.
  const statistics_cell& cell = exact.nodes()[0].cells[20];
  using enum statistics_cell::field;
  const double n = 1000, a = 1 - plain.l[20], variance = (cell[pp] + 2 * a * cell[py] + a * a * cell[yy]) / n;
  for (const bool flat : {false, true}) {
    statistics_sums sums = statistics_sums::make(o);
    statistics_sums::node node = exact.nodes()[0];
    node.cells[20].of[jj] = (flat ? 1.01 : 0.99) * variance / 10 / (cell[yy] / n + cell[mean_y] * cell[mean_y]) * n * (n - 1);
    raise(sums.try_add(node));
    g = bare;
    g.floor = 10;
    const finished_statistics all = finish(sums, g);
    CHECK(all.flat == flat);
    CHECK(all.s[20] == (flat ? 0 : plain.s[20]));
    CHECK(all.l_error[20] == Approx(std::sqrt((flat ? 1.01 : 0.99) * variance / 10 / (cell[yy] / n + cell[mean_y] * cell[mean_y]))).epsilon(1e-12));
    const double mean_f = cell[mean_p] + a * cell[mean_y];
    if (flat) CHECK(all.b[20] == Approx(plain.b[20] + plain.s[20] * mean_f).epsilon(1e-12));
  }
}

TEST_CASE("guards that make no sense are refused, and sums that lack something") {
  const statistics_sums exact = exact_sums({}, {.from = -2, .to = 2, .steps = 4, .samples = 10, .block = 10});
  CHECK_THROWS_WITH(finish(exact, {.smooth_l = -1}), "statistics_guards: smooth_l is -1, needs a number of rows from 0");
  CHECK_THROWS_WITH(finish(exact, {.smooth_slope = -2}), "statistics_guards: smooth_slope is -2, needs a number of rows from 0");
  CHECK_THROWS_WITH(finish(exact, {.largest_s = 0}), "statistics_guards: largest_s is 0, needs a number above 0, or infinity");
  CHECK_THROWS_WITH(finish(exact, {.floor = -1}), "statistics_guards: floor is -1, needs a finite number from 0");
  CHECK_THROWS_WITH(finish(statistics_sums::make(exact.options())), diffode_test::contains("blocks are 0 of 1, needs all"));
}
