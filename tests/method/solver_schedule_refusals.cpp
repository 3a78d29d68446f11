// SPDX-License-Identifier: MIT
#include "diffode/method/solver_schedule.hpp"

#include "catch.hpp"
#include "method/schedules.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace diffode_test;

namespace {

constexpr auto pseudo = solver_corrector::pseudo;

}  // namespace

TEST_CASE("schedules that can not be run are refused, with the reason") {
  const solver_schedule good = same_steps({.predict = {.order = 2}}, 2);
  CHECK(refusal(good) == "accepted");
  CHECK(refusal(solver_schedule{}) == "solver_schedule: number of steps is 0, needs at least 1");
  const auto with = [&](auto change) {
    solver_schedule s = good;
    change(s);
    return refusal(s);
  };
  CHECK(with([](auto& s) { s.times = {1, 0}; }) == "solver_schedule: number of times is 2, needs 3, one more than steps, or none");
  CHECK(with([](auto& s) { s.times = {1, 0.5, std::nan("")}; }) == "solver_schedule: times[2] is nan, needs a finite number");
  CHECK(with([](auto& s) { s.steps[1].predict.order = 5; }) == "solver_schedule: steps[1].predict.order is 5, needs 1 to 4");
  CHECK(with([](auto& s) { s.steps[1].predict.order = 0; }) == "solver_schedule: steps[1].predict.order is 0, needs 1 to 4");
  CHECK(with([](auto& s) { s.steps[0].start = 4; }) == "solver_schedule: steps[0].start is 4, needs 0 to 3");
  CHECK(with([](auto& s) { s.steps[0].predict.amount = std::numeric_limits<double>::infinity(); }) ==
        "solver_schedule: steps[0].predict.amount is inf, needs a number from -1000000 to 1000000");
  CHECK(with([](auto& s) { s.steps[0].predict.points = {{1}, {1, 2}}; }) == "solver_schedule: steps[0].predict.points has 2 lists, needs one for each derivative at most, 1");
  CHECK(with([](auto& s) { s.steps[0].predict = {.order = 3, .points = {{}, {1}}}; }) == "solver_schedule: steps[0].predict.points[1] has 1 ages, needs 2 at least, or none");
  CHECK(with([](auto& s) { s.steps[0].predict.points = {{0}}; }) == "solver_schedule: steps[0].predict.points[0] has age 0, needs 0 to 3 other than 0, that of the start");
  CHECK(with([](auto& s) { s.steps[0].predict.points = {{4}}; }) == "solver_schedule: steps[0].predict.points[0] has age 4, needs 0 to 3 other than 0, that of the start");
  CHECK(with([](auto& s) { s.steps[0].predict.points = {{1, 1}}; }) == "solver_schedule: steps[0].predict.points[0] has age 1 twice, needs distinct ones");
  CHECK(with([](auto& s) { s.steps[0].corrector = pseudo, s.steps[0].correct.order = 6; }) == "solver_schedule: steps[0].correct.order is 6, needs 1 to 5");
  CHECK(with([](auto& s) { s.first = first_prediction::mean_x0; }) == "solver_schedule: mean has 0 numbers, needs at least 1 with mean_x0");
  CHECK(with([](auto& s) { s.mean = {std::nan("")}; }) == "solver_schedule: mean[0] is nan, needs a finite number");

  CHECK(refusal(good, vp({-1, 0, 1, 2})) == "solver_schedule: the grid has 3 steps, needs 2, one for each of `steps`");
  solver_schedule own = good;
  own.times = {0.9, 0.5, 0.1};
  CHECK(refusal(own, from_times(vp_linear{}, own.times)) == "accepted");
  CHECK(refusal(own, from_times(vp_linear{}, std::vector<double>{0.9, 0.5, 0.2})) ==
        "solver_schedule: level 2 of the grid is at time 0.2, needs 0.1: its grid is from_times(path, times)");
  own.first = first_prediction::mean_x0;
  own.mean = {1, 2};
  CHECK(refusal(own, from_times(vp_linear{}, own.times)) == "solver_schedule: mean has 2 numbers, needs 1, or as many as the run has lanes, 1");
}
