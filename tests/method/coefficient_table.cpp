// SPDX-License-Identifier: MIT
#include "diffode/method/coefficient_table.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <cmath>
#include <string>
#include <vector>

using namespace diffode_test;

namespace {

coefficient_table some(prediction target) {
  return {.rows = {{.a = 0.9, .b = {0.3}}, {.a = 0.7, .b = {0.5, -0.2}}, {.a = 0.2, .b = {1.1, 0, 0.05}}}, .target = target};
}
std::string refusal(const coefficient_table& t) {
  const fault f = t.check();
  return f ? f->what() : "accepted";
}

}  // namespace

TEST_CASE("a table's run has its coefficients and no others") {
  const grid levels = at_lambdas({-1, 0, 0.7, 2}, vp_linear{});
  for (const prediction target : {prediction::x0, prediction::eps}) {
    const coefficient_table table = some(target);
    const probe p = target == prediction::x0 ? probe(table, levels, x0_model{}) : probe(table, levels, eps_model{});
    CHECK(p.calls() == 3);
    for (std::size_t n = 0; n < 3; ++n) {
      const step_row found = step_of(p, n);
      CHECK(found.a == Approx(table.rows[n].a).epsilon(1e-14));
      for (std::size_t j = 0; j <= n; ++j) CHECK(found.b[j] == Approx(j < table.rows[n].b.size() ? table.rows[n].b[j] : 0).margin(1e-15).epsilon(1e-13));
    }
  }
}

TEST_CASE("a first row without predictions scales the start and asks nothing") {
  const grid levels = at_lambdas({-1, 0, 0.7, 2}, vp_linear{});
  const coefficient_table table{.rows = {{.a = 0.9}, {.a = 0.7, .b = {0.5}}, {.a = 0.2, .b = {1.1, -0.3}}}};
  const plan made = compile(table, levels, x0_model{});
  CHECK(made.calls() == 2);
  std::vector<double> x{1.5, -2};
  std::vector<level<>> asked;
  const auto net = [&](std::span<const double> in, const level<>& at, std::span<double> out) {
    asked.push_back(at);
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i] * in[i];
  };
  sample(table, levels, x0(net), x);
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].lambda == levels[1].lambda);
  CHECK(asked[1].lambda == levels[2].lambda);
  for (std::size_t i = 0; i < 2; ++i) {
    const double x1 = 0.9 * (i == 0 ? 1.5 : -2), m1 = x1 * x1, x2 = 0.7 * x1 + 0.5 * m1, m2 = x2 * x2;
    CHECK(x[i] == Approx(0.2 * x2 + 1.1 * m2 - 0.3 * m1).epsilon(1e-14));
  }
}

TEST_CASE("tables that can not be run are refused, with the reason") {
  const auto with = [](auto change) {
    coefficient_table t = some(prediction::x0);
    change(t);
    return refusal(t);
  };
  CHECK(with([](auto&) {}) == "accepted");
  CHECK(with([](auto& t) { t.rows.clear(); }) == "coefficient_table: number of rows is 0, needs at least 1");
  CHECK(with([](auto& t) { t.rows[1].b = {1, 2, 3}; }) == "coefficient_table: rows[1].b has 3 numbers, needs 1 to 2");
  CHECK(with([](auto& t) { t.rows[1].b = {}; }) == "coefficient_table: rows[1].b has 0 numbers, needs 1 to 2");
  // A first row that asks nothing leaves one prediction less to the others.
  CHECK(with([](auto& t) { t.rows[0].b = {}; }) == "coefficient_table: rows[1].b has 2 numbers, needs 1 to 1");
  CHECK(with([](auto& t) { t.rows.resize(1), t.rows[0].b = {}; }) == "coefficient_table: rows[0].b has 0 numbers, needs 1 to 1");
  CHECK(with([](auto& t) { t.rows[2].a = HUGE_VAL; }) == "coefficient_table: rows[2].a is inf, needs a finite number");
  CHECK(with([](auto& t) { t.rows[2].b[1] = std::nan(""); }) == "coefficient_table: rows[2].b[1] is nan, needs a finite number");
  CHECK(with([](auto& t) { t.times = {1, 0.5, 0.1}; }) == "coefficient_table: number of times is 3, needs 4, one more than rows, or none");
  CHECK(with([](auto& t) { t.times = {1, 0.5, HUGE_VAL, 0}; }) == "coefficient_table: times[2] is inf, needs a finite number");
  const grid levels = from_times(vp_linear{}, std::vector<double>{0.9, 0.5, 0.1});
  CHECK(std::string(try_compile(some(prediction::x0), levels, eps_model{}).reason()->what()) == "coefficient_table: the grid has 2 steps, needs 3, one for each row");
  coefficient_table own = some(prediction::x0);
  own.times = {0.9, 0.6, 0.3, 0.1};
  CHECK_FALSE(try_compile(own, from_times(vp_linear{}, own.times), eps_model{}).reason());
  CHECK(std::string(try_compile(own, from_times(vp_linear{}, std::vector<double>{0.9, 0.6, 0.2, 0.1}), eps_model{}).reason()->what()) ==
        "coefficient_table: level 2 of the grid is at time 0.2, needs 0.3: its grid is from_times(path, times)");
}
