// SPDX-License-Identifier: MIT
#include "diffode/search/schedule_space.hpp"

#include "catch.hpp"
#include "diffode/search/schedule_search.hpp"
#include "search/vp_a_space.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

std::string refusal(const dd::schedule_space& in) {
  const dd::fault f = in.check();
  return f ? f->what() : "accepted";
}

}  // namespace

TEST_CASE("every schedule that is tried belongs to the space, and none is tried twice") {
  dd::schedule_space in = vp_a_space(5);
  in.forms = {dd::solver_form::data, dd::solver_form::noise, dd::solver_form::v3};
  in.most_order = 4;
  in.most_corrector = 4;
  in.first = {dd::first_prediction::zero_x0, dd::first_prediction::mean_x0};
  in.mean = {0.05};
  std::set<std::uint64_t> marks;
  std::size_t guessed = 0;
  const auto look = [&](const dd::solver_schedule& s) {
    CHECK_FALSE(s.check());
    const dd::grid g = dd::from_times(in.path, s.times);
    CHECK(dd::compile(s, g, dd::eps_model{}).calls() == 5);
    CHECK(g.front().t == in.from);
    CHECK(g.back().t == in.to);
    guessed += s.first != dd::first_prediction::asked;
    marks.insert(dd::mark_of(s));
    return rough(s);
  };
  const dd::search_report done = dd::schedule_search(in, look, {.evaluations = 600, .generations = 2, .children = 30});
  CHECK(marks.size() == done.tried);
  // Of the 16 random ones that it starts with, each guesses with probability 1/2: fewer than 3 do in one search of 480.
  CHECK(guessed >= 3);
}

TEST_CASE("derivatives are estimated from other evaluations where the space says so, and only there") {
  dd::schedule_space in = vp_a_space(6);
  in.most_order = 4;
  in.most_corrector = 4;
  std::size_t named = 0;
  const auto look = [&](const dd::solver_schedule& s) {
    CHECK_FALSE(s.check());
    for (const dd::solver_step& step : s.steps)
      for (const dd::expansion* e : {&step.predict, &step.correct})
        for (const std::vector<int>& ages : e->points) named += !ages.empty();
    return rough(s);
  };
  const dd::search_options o{.evaluations = 300, .generations = 2, .children = 30};
  dd::schedule_search(in, look, o);
  CHECK(named == 0);
  in.estimates = true;
  dd::schedule_search(in, look, o);
  // Of the 24 random schedules that it starts with, each of 6 steps names evaluations with probability 0.34: 49 on average, and fewer
  // than 20 do in one search of a million.
  CHECK(named >= 20);
}

TEST_CASE("schedules are of one kind if they differ in times and relaxations alone") {
  const dd::solver_schedule one = dd::first_schedule(vp_a_space(4), 2, dd::dice(0, 0));
  dd::solver_schedule other = one;
  other.times[1] *= 0.99, other.steps[1].predict.amount = 0.8;
  CHECK(dd::kind_of(other) == dd::kind_of(one));
  CHECK(dd::mark_of(other) != dd::mark_of(one));
  REQUIRE(one.steps[1].predict.order >= 2);
  other.steps[1].predict.points = {{1, 2}};
  CHECK_FALSE(other.check());
  CHECK(dd::kind_of(other) != dd::kind_of(one));
}

TEST_CASE("with statistics of a table every level that is tried is a lambda of it") {
  for (const bool rising : {true, false}) {
    std::vector<double> lambda, l, s, b;
    const dd::grid ends = vp_a_grid(1);
    for (int i = 0; i <= 12; ++i) {
      const double part = static_cast<double>(rising ? i : 12 - i) / 12;
      lambda.push_back(ends.front().lambda + part * (ends.back().lambda - ends.front().lambda));
      l.push_back(0.9), s.push_back(-0.1), b.push_back(0.05);
    }
    dd::schedule_space in = vp_a_space(5);
    in.forms = {dd::solver_form::data, dd::solver_form::v3};
    in.first = {dd::first_prediction::zero_x0};
    in.statistics = dd::model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b});
    std::size_t fitted = 0;
    const auto look = [&](const dd::solver_schedule& tried) {
      const dd::grid g = dd::from_times(in.path, tried.times);
      for (std::size_t i = 0; i < g.size(); ++i) CHECK_FALSE(in.statistics.check(g[i].lambda));
      CHECK(dd::compile(tried, g, dd::eps_model{}).calls() == 5);
      for (const dd::solver_step& step : tried.steps) fitted += step.form == dd::solver_form::v3;
      return rough(tried);
    };
    CHECK(dd::schedule_search(in, look, {.evaluations = 200, .generations = 2, .children = 20}).tried == 200);
    CHECK(fitted > 200);
    in.evaluations = 12;
    CHECK(refusal(in) == "schedule_space: the statistics have 13 lambdas from one end to the other, needs at least 14, one for each level");
    in.from = 0.9;
    CHECK(refusal(in).starts_with("schedule_space: time 0.9 has lambda "));
  }
}
