// SPDX-License-Identifier: MIT
#include "diffode/grid/stage_labels.hpp"

#include "diffode/grid/karras.hpp"
#include "diffode/grid/spacing.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("heun_labels: every label but the first comes twice") {
  CHECK(heun_labels(column{3, 2, 1}) == column{3, 2, 2, 1, 1});
  CHECK(heun_labels(column{3}) == column{3});
  CHECK(message(try_heun_labels({})) == "heun_labels: number of labels is 0, needs at least 1");
}

TEST_CASE("lambda_middles: sigma/alpha there is the geometric mean of that of the neighbours") {
  const grid g = karras(table(), {.count = 5, .end = ending::keep});
  const std::vector<level<>> all(g.begin(), g.end()), middles = lambda_middles(table(), all);
  REQUIRE(middles.size() == 5);
  for (std::size_t i = 0; i < middles.size(); ++i) {
    CHECK(off(rho(middles[i]), std::sqrt(rho(g[i]) * rho(g[i + 1]))) < 1e-14);
    CHECK(middles[i].label == table().at_lambda(middles[i].lambda).label);
  }
  CHECK(lambda_middles(table(), {}).empty());
  CHECK(message(try_lambda_middles(table(), std::vector{table().at(9), table().at_lambda(infinity)})) ==
        "lambda_middles: lambda of level 1 is inf, needs a finite number");
}

TEST_CASE("kdpm2_labels: a middle between each two labels") {
  CHECK(kdpm2_labels(column{3, 2, 1}, column{2.5, 1.5}) == column{3, 2.5, 2, 1.5, 1});
  CHECK(kdpm2_labels(column{3}, {}) == column{3});
  CHECK(message(try_kdpm2_labels({}, {})) == "kdpm2_labels: number of labels is 0, needs at least 1");
  CHECK(message(try_kdpm2_labels(column{3, 2, 1}, column{2.5})) ==
        "kdpm2_labels: number of middles is 1, needs 2 (one fewer than labels)");
}

TEST_CASE("pndm_labels: the second step twice, or three Runge-Kutta steps first") {
  const column t = spaced_steps(1000, {.count = 5});
  CHECK(t == column{800, 600, 400, 200, 0});
  CHECK(pndm_labels(t) == column{800, 600, 600, 400, 200, 0});
  CHECK(pndm_labels(column{800}) == column{800});
  CHECK(pndm_labels(t, {.runge_kutta = true}) ==
        column{800, 700, 700, 600, 600, 500, 500, 400, 400, 300, 300, 200, 200, 0});
  CHECK(pndm_labels(column{9, 6, 4, 1}, {.train_steps = 10, .runge_kutta = true}) ==
        column{9, 7, 7, 6, 6, 5, 5, 4, 4, 2, 2, 1, 1});
  CHECK(message(try_pndm_labels({})) == "pndm_labels: number of steps is 0, needs at least 1");
  CHECK(message(try_pndm_labels(column{3, 2, 1}, {.runge_kutta = true})) ==
        "pndm_labels: number of steps is 3, needs at least 4 (three Runge-Kutta steps)");
  CHECK(message(try_pndm_labels(column{3, 2}, {.train_steps = 0})) ==
        "pndm_labels: train_steps is 0, needs at least 2");
}
