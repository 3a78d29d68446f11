// SPDX-License-Identifier: MIT
#include "vp_a.hpp"

#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/search/table_of.hpp"
#include "diffode/search/tune.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace diffode_test;
namespace dd = diffode;

namespace {

/// A fine run from quantiles, `shift` of a quantile later.
dd::teacher_course<double> course(std::size_t count, double shift = 0.5) {
  std::vector<double> starts;
  const dd::grid fine = vp_a_grid(200);
  for (std::size_t i = 0; i < count; ++i) starts.push_back(quantile(vp_a_data(), fine.front(), (static_cast<double>(i) + shift) / static_cast<double>(count)));
  return dd::teacher_course<double>::try_make(dd::unipc{.p = 3}, fine, dd::eps(vp_a_model{}), starts).value();
}
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr auto whatever = [](const auto&) { return true; };

}  // namespace

TEST_CASE("a teacher is where the exact flow is, at its levels and between them") {
  const auto teacher = course(32);
  const dd::noise_path path{dd::vp_linear{}};
  for (const double lambda : {-5.0, -4.99, -3.3333, 0.01, 2.7, 4.5}) {
    const dd::level<> at = path.at_lambda(lambda);
    const std::vector<double> x = teacher.try_at(at).value(), wanted = quantiles(at, 32);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(x[i] - wanted[i]) < 2e-4);
  }
  CHECK_THROWS_WITH(teacher.try_at(path.at_lambda(4.6)).value(), Catch::Contains("lambda is 4.6") && Catch::Contains("4.5"));
}

TEST_CASE("times move to the least of what is asked of them, and a search goes on from where it was") {
  const dd::grid start = vp_a_grid(4);
  // Least where the inner levels are at -4, 0.3 and 4.
  const auto objective = [](const dd::grid& g) {
    const double want[] = {-4, 0.3, 4};
    double sum = 1;
    for (std::size_t i = 0; i < 3; ++i) sum += (g[i + 1].lambda - want[i]) * (g[i + 1].lambda - want[i]);
    return sum;
  };
  const dd::time_search_options o{.least = 1e-3, .sweeps = 100};
  const auto [best, end] = dd::try_tune_times(start, objective, o, {}, whatever).value();
  CHECK(std::abs(best[1].lambda + 4) < 0.01);
  CHECK(std::abs(best[2].lambda - 0.3) < 0.01);
  CHECK(std::abs(best[3].lambda - 4) < 0.01);
  CHECK(best.front().lambda == start.front().lambda);

  dd::time_search_state broken_off;
  dd::try_tune_times(start, objective, o, {}, [&](const dd::time_search_state& now) { return broken_off = now, now.sweep < 5; }).value();
  CHECK(broken_off.sweep == 5);
  CHECK(dd::try_tune_times(start, objective, o, broken_off, whatever).value().second == end);
  int levels = 0;  // in the middle of a sweep
  dd::try_tune_times(start, objective, o, {}, [&](const dd::time_search_state& now) { return broken_off = now, ++levels < 8; }).value();
  CHECK(broken_off.sweep == 2);
  CHECK(broken_off.next == 3);
  CHECK(dd::try_tune_times(start, objective, o, broken_off, whatever).value().second == end);
}

TEST_CASE("a descent over all numbers of a table finds the table that residuals ask for") {
  const dd::noise_path path{dd::vp_linear{}};
  const dd::coefficient_table wanted{.rows = {{0.5, {0.2}}, {0.4, {0.3, -0.1}}}, .times = {0.9, 0.5, 0.1}};
  dd::coefficient_table start = wanted;
  start.rows[0].a += 0.1, start.rows[1].b[1] -= 0.2, start.times[1] = path.at_lambda(path.at(0.5).lambda + 0.2).t;
  // The run's end for a model whose x0 is a bent function of x, and of the level.
  const auto ends = [&](const dd::coefficient_table& t) {
    std::vector<double> all;
    const double middle = path.at(t.times[1]).lambda;
    for (int i = -20; i <= 20; ++i) {
      const double x = 0.1 * i, m0 = std::tanh(x), x1 = t.rows[0].a * x + t.rows[0].b[0] * m0, m1 = std::tanh(x1 + 0.3 * middle);
      all.push_back(t.rows[1].a * x1 + t.rows[1].b[0] * m1 + t.rows[1].b[1] * m0);
    }
    return all;
  };
  const std::vector<double> target = ends(wanted);
  const auto residuals = [&](const dd::coefficient_table& t) {
    std::vector<double> r = ends(t);
    for (std::size_t i = 0; i < r.size(); ++i) r[i] -= target[i];
    return r;
  };
  const auto found = dd::try_refine_table(start, path, residuals, {.iterations = 60, .ridge = 0, .difference = 1e-6}, {}, whatever).value();
  CHECK(dd::detail::mean_square(residuals(start)) > 1e-4);
  CHECK(dd::detail::mean_square(residuals(found)) < 1e-12);  // the same run; other numbers may give it too
}

// The figures of least squares on the same data with equal steps, 64 quantiles and all predictions (docs/search.md), and half of the
// best method's error.
TEST_CASE("a tuned plan is at most half as far off as the best method on its grid, and nearer than a fit alone, on samples that it never saw") {
  const auto fitted_to = course(64), held_out = course(48, 0.25);
  const auto model = dd::eps(vp_a_model{});
  for (const auto& [steps, fit_alone] : {std::pair{5, 0.0225}, std::pair{6, 0.0258}, std::pair{8, 0.0149}, std::pair{10, 0.0086}}) {
    const std::vector<dd::grid> from{vp_a_grid(steps)};
    std::vector<double> errors;
    const dd::tuned t = dd::try_tune(std::span<const dd::grid>(from), model, fitted_to, held_out, {.times = {.least = 0.1, .sweeps = 6}, .refine = {.iterations = 4}}, {}, whatever).value();
    CHECK(t.timed <= t.fitted);
    CHECK(t.refined <= t.timed);
    const dd::grid g = dd::from_times(dd::vp_linear{}, t.table.times);
    const double best = std::fmin(vp_a_error(dd::dpmpp_2m{}, from[0]), vp_a_error(dd::unipc{.p = 3}, from[0]));
    CHECK(vp_a_error(t.table, g) < 0.5 * best);
    CHECK(vp_a_error(t.table, g) < fit_alone);
    std::printf("%d steps: best method %.4f, fitted %.4f, times %.4f, refined %.4f, on 400 quantiles %.4f\n", steps, best, t.fitted, t.timed, t.refined, vp_a_error(t.table, g));
  }
}

TEST_CASE("what can not teach is refused by name") {
  const auto why = [](const auto& teacher, const dd::grid& fine) {
    return std::string(dd::teacher_course<double>::try_make(teacher, fine, dd::eps(vp_a_model{}), {1, 2}).reason()->what());
  };
  CHECK(why(dd::unipc{}, vp_a_grid(2)) == "teacher_course: number of levels is 3, needs at least 4");
  CHECK(why(dd::unipc{}, dd::karras(dd::edm{}, {.count = 5})) == "teacher_course: lambda of level 5 is inf, needs finite ones");
  CHECK(why(dd::ddim{.eta = 1}, vp_a_grid(20)) == "teacher_course: ddim draws noise, needs a deterministic teacher");
}

TEST_CASE("what can not be tuned is refused by name") {
  const auto fitted_to = course(8), held_out = course(4, 0.25);
  const auto lost = dd::eps([](std::span<const double>, const dd::level<>&, std::span<double> out) { std::fill(out.begin(), out.end(), not_a_number); });
  const std::vector<dd::grid> right{vp_a_grid(4)};
  CHECK_THROWS_WITH(dd::try_tune(std::span<const dd::grid>(right), lost, fitted_to, held_out, {}, {}, whatever).value(), Catch::Contains("tune: none of the grids has a fit with a finite error"));
  const auto model = dd::eps(vp_a_model{});
  const std::vector<dd::grid> other{dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9, .to = 0.1, .count = 4})}, none;
  CHECK_THROWS_WITH(dd::try_tune(std::span<const dd::grid>(other), model, fitted_to, held_out, {}, {}, whatever).value(), Catch::Contains("grid 0 has lambda") && Catch::Contains("the teacher's"));
  CHECK_THROWS_WITH(dd::try_tune(std::span<const dd::grid>(none), model, fitted_to, held_out, {}, {}, whatever).value(), Catch::Contains("number of grids is 0"));
  CHECK_THROWS_WITH(dd::try_tune_times(vp_a_grid(4), [](const dd::grid&) { return 0.0; }, {.first = 1.5}, {}, whatever).value(), Catch::Contains("first and least are 1.5"));
  CHECK_THROWS_WITH(dd::try_tune_times(vp_a_grid(4), [](const dd::grid&) { return 0.0; }, {}, {.lambda = {0, 1}}, whatever).value(), Catch::Contains("state has 2 levels, needs 5"));
}

TEST_CASE("tuning that is broken off anywhere goes on to the plan of an undisturbed one") {
  const auto fitted_to = course(16), held_out = course(12, 0.25);
  const auto model = dd::eps(vp_a_model{});
  const std::vector<dd::grid> from{vp_a_grid(3), dd::uniform_time(dd::vp_linear{}, {.from = vp_a_grid(3).front().t, .to = vp_a_grid(3).back().t, .count = 3})};
  const dd::tune_options o{.times = {.least = 0.2, .sweeps = 2}, .refine = {.iterations = 3}, .begin = {dd::table_of(dd::dpmpp_2m{}, from[0])}};
  const auto tuned = [&](dd::tune_state known, const auto& progress) { return dd::try_tune(std::span<const dd::grid>(from), model, fitted_to, held_out, o, std::move(known), progress).value(); };
  int all = 0;
  const dd::tuned whole = tuned({}, [&](const dd::tune_state&) { return ++all > 0; });
  REQUIRE(all >= 2 + 4 + 2);
  for (int after = 1; after <= all; ++after) {
    dd::tune_state state;
    int seen = 0;
    tuned({}, [&](const dd::tune_state& now) { return state = now, ++seen < after; });
    REQUIRE(seen == after);
    const dd::tuned again = tuned(state, [&](const dd::tune_state&) { return ++seen > 0; });
    CHECK(again.table == whole.table);
    CHECK(again.fitted == whole.fitted);
    CHECK(again.timed == whole.timed);
    CHECK(again.refined == whole.refined);
    CHECK(seen == all);  // nothing is done twice
  }
}

TEST_CASE("a state that no tuning can have been in is refused by name") {
  const dd::grid start = vp_a_grid(4);
  dd::time_search_state good;
  dd::try_tune_times(start, [](const dd::grid&) { return 1.0; }, {}, {}, [&](const dd::time_search_state& s) { return good = s, false; }).value();
  const auto times = [&](auto spoil) {
    dd::time_search_state s = good;
    spoil(s);
    return std::string(dd::try_tune_times(start, [](const dd::grid&) { return 1.0; }, {}, s, whatever).reason().value().what());
  };
  using Catch::Contains;
  CHECK_THAT(times([](auto& s) { s.lambda[2] = not_a_number; }), Contains("lambda[2] of the state is nan"));
  CHECK_THAT(times([](auto& s) { s.lambda[2] = s.lambda[1]; }), Contains("lambda[2] of the state is") && Contains("above"));
  CHECK_THAT(times([](auto& s) { s.lambda[4] += 1; }), Contains("state has lambda") && Contains("the ends of the start"));
  CHECK_THAT(times([](auto& s) { s.step = 0; }), Contains("step of the state is 0"));
  CHECK_THAT(times([](auto& s) { s.step = 0.5; }), Contains("step of the state is 0.5"));
  CHECK_THAT(times([](auto& s) { s.score = HUGE_VAL; }), Contains("score of the state is inf"));
  CHECK_THAT(times([](auto& s) { s.sweep = -1; }), Contains("sweep of the state is -1"));
  CHECK_THAT(times([](auto& s) { s.sweep = 41; }), Contains("sweep of the state is 41"));
  CHECK_THAT(times([](auto& s) { s.next = 4; }), Contains("next of the state is 4"));
  CHECK_THAT(times([](auto& s) { s.next = 0; }), Contains("next of the state is 0"));

  const dd::coefficient_table table = dd::table_of(dd::dpmpp_2m{}, start);
  const auto descent = [&](dd::refine_state s) {
    return std::string(dd::try_refine_table(table, dd::vp_linear{}, [](const dd::coefficient_table&) { return std::vector<double>{1}; }, {}, std::move(s), whatever).reason().value().what());
  };
  const std::size_t free = dd::detail::table_numbers(table, dd::vp_linear{}, true).all().size();
  CHECK_THAT(descent({.numbers = {1}}), Contains("state has 1 numbers, needs"));
  CHECK_THAT(descent({.numbers = std::vector<double>(free, not_a_number)}), Contains("number 0 of the state is nan"));
  CHECK_THAT(descent({.numbers = std::vector<double>(free, 1), .damping = 0}), Contains("damping of the state is 0"));
  CHECK_THAT(descent({.numbers = std::vector<double>(free, 1), .iteration = 11}), Contains("iteration of the state is 11"));

  const auto teacher = course(8);
  const std::vector<dd::grid> from{start};
  const auto whole = [&](dd::tune_state s) -> std::string { return dd::try_tune(std::span<const dd::grid>(from), dd::eps(vp_a_model{}), teacher, teacher, {}, std::move(s), whatever).reason().value().what(); };
  CHECK_THAT(whole({.fitted = {1, 1}}), Contains("state has errors of 2 fits, needs at most 1"));
  CHECK_THAT(whole({.descended = 2}), Contains("descended of the state is 2, needs at most 1"));
}

TEST_CASE("a level that touches its neighbour does not stop a descent, and begins are refined besides the fit") {
  const dd::noise_path path{dd::vp_linear{}};
  const auto teacher = course(16), held_out = course(12, 0.25);
  const dd::grid g = vp_a_grid(4);
  dd::coefficient_table near = dd::table_of(dd::dpmpp_2m{}, g);
  near.times[2] = path.at_lambda(path.at(near.times[1]).lambda + 1e-4).t;
  const auto residuals = [&](const dd::coefficient_table& t) {
    return dd::detail::residuals_of<double>(dd::detail::ends_of(t, path, dd::eps(vp_a_model{}), teacher.starts(), teacher.batch()), teacher.ends());
  };
  const dd::coefficient_table found = dd::try_refine_table(near, path, residuals, {.iterations = 3}, {}, whatever).value();
  CHECK(dd::detail::mean_square(residuals(found)) < dd::detail::mean_square(residuals(near)));

  const std::vector<dd::grid> from{g};
  const auto tuned_with = [&](std::vector<dd::coefficient_table> begin) {
    return dd::try_tune(std::span<const dd::grid>(from), dd::eps(vp_a_model{}), teacher, held_out, {.ridges = {1}, .times = {.first = 0.4, .least = 0.4, .sweeps = 1}, .refine = {.iterations = 2}, .begin = std::move(begin)}, {}, whatever).value();
  };
  const dd::tuned alone = tuned_with({}), helped = tuned_with({found});
  CHECK(helped.timed == alone.timed);
  CHECK(helped.refined <= alone.refined);
}
