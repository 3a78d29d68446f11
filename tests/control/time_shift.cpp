// SPDX-License-Identifier: MIT
#include "diffode/control/time_shift.hpp"

#include "catch.hpp"
#include "diffode/grid/karras.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/grid/uniform_time.hpp"
#include "diffode/grid/labelled.hpp"
#include "diffode/schedule/discrete.hpp"
#include "diffode/schedule/flow.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

/// DDPM's training steps: betas from 1e-4 to 0.02.
const dd::noise_path& ddpm_path() {
  static const dd::noise_path path = dd::discrete_from({});
  return path;
}
constexpr int at_900 = 1, at_700 = 2, at_500 = 3, at_300 = 4;
dd::grid points() { return dd::from_times(ddpm_path(), std::vector<double>{999, 900, 700, 500, 300, 0}); }

double abar(double t) { return std::pow(ddpm_path().at(t).alpha, 2); }

/// Which training step a state belongs to, of variance v0 before it was noised to step t and whose noise is `inflated` times
/// too large.
double belongs(int point, double v0, double inflated, const dd::time_shift_options& o) {
  const dd::grid g = points();
  const double a = abar(g[static_cast<std::size_t>(point)].t);
  return dd::time_shift(g, o).nearest(point, a * v0 + (1 - a) * inflated).t;
}

std::string why_not(const dd::grid& g, const dd::time_shift_options& o, bool remembers = false) {
  const dd::fault f = dd::time_shift(g, o).check(remembers);
  return f ? f->what() : "accepted";
}

}  // namespace

TEST_CASE("the path of these numbers is that of the specification") {
  CHECK(abar(300) == Approx(.39401112).epsilon(1e-7));
  CHECK(abar(500) == Approx(.07779666).epsilon(1e-6));
  CHECK(abar(700) == Approx(.00686828).epsilon(1e-5));
}

TEST_CASE("states of data at one point belong where they are, and where two percent more noise puts them") {
  const dd::time_shift_options anywhere{.window = 2000}, narrow{.window = 30};
  for (const int point : {at_700, at_500, at_300}) CHECK(belongs(point, 0, 1, anywhere) == points()[static_cast<std::size_t>(point)].t);
  CHECK(belongs(at_300, 0, 1.02, anywhere) == 305);
  CHECK(belongs(at_500, 0, 1.02, anywhere) == 526);
  CHECK(belongs(at_500, 0, 1.02, narrow) == 515);
  CHECK(belongs(at_700, 0, 1.02, anywhere) == 999);
  CHECK(belongs(at_700, 0, 1.02, narrow) == 715);
}

TEST_CASE("states of data with a variance belong too high, unless that variance is known") {
  const dd::time_shift_options anywhere{.window = 2000}, known{.window = 2000, .data_variance = 0.25};
  CHECK(belongs(at_300, 0.25, 1, anywhere) == 344);
  CHECK(belongs(at_500, 0.25, 1, anywhere) == 528);
  CHECK(belongs(at_700, 0.25, 1, anywhere) == 720);
  CHECK(belongs(at_900, 0.25, 1, anywhere) == 916);
  for (const int point : {at_900, at_700, at_500, at_300}) CHECK(belongs(point, 0.25, 1, known) == points()[static_cast<std::size_t>(point)].t);
}

TEST_CASE("the window ends with the path, and times lie at whole spacings from the grid's") {
  const dd::grid g = dd::from_times(ddpm_path(), std::vector<double>{990, 500, 8, 2});
  CHECK(dd::time_shift(g, {.window = 100}).nearest(2, 0).t == 0);
  CHECK(dd::time_shift(g, {.window = 100}).nearest(0, 9).t == 999);
  CHECK(dd::time_shift(g, {.window = 100, .spacing = 20}).nearest(1, 9).t == 540);
  CHECK(dd::time_shift(g, {.window = 39.9, .spacing = 20}).nearest(1, 9).t == 500);
  CHECK(dd::time_shift(g, {.window = 40, .spacing = 20}).nearest(1, 9).t == 520);
  CHECK(dd::time_shift(g, {.window = 100}).nearest(1, std::nan("")).t == 500);
  // On the straight path sigma^2 = t^2: a state of variance 0.3^2 at t = 0.25.
  const dd::grid straight = dd::from_times(dd::flow{}, std::vector<double>{0.9, 0.25, 0.1});
  CHECK(dd::time_shift(straight, {.window = 0.2, .spacing = 0.01}).nearest(1, 0.09).t == Approx(0.3));
}

TEST_CASE("the paper shifts where steps start, the code where they end, neither the first step nor the end of the run") {
  const dd::grid g = dd::from_times(ddpm_path(), std::vector<double>{900, 700, 500, 300, 100, 0});
  const auto shifts = [&](const dd::time_shift_options& o) {
    std::vector<int> all;
    for (int i = 0; i < 5; ++i)
      if (dd::time_shift(g, o).shifts(i)) all.push_back(dd::time_shift(g, o).shifted(i));
    return all;
  };
  const auto target = dd::shifted_end::target_time;
  CHECK(shifts({.window = 20}) == std::vector<int>{1, 2, 3, 4});
  CHECK(shifts({.window = 20, .cutoff = 300}) == std::vector<int>{1, 2, 3});  // the step before starts above the cutoff
  CHECK(shifts({.window = 20, .end = target}) == std::vector<int>{2, 3, 4});
  CHECK(shifts({.window = 20, .cutoff = 300, .end = target}) == std::vector<int>{2});  // the step ends above it
  CHECK(shifts({}).empty());
  CHECK(shifts({.window = 1}).empty());
}

TEST_CASE("options and grids that make no run are refused, with the reason") {
  const dd::grid g = dd::from_times(ddpm_path(), std::vector<double>{900, 800, 700, 600, 0});
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(why_not(g, {.window = 80}) == "accepted");
  CHECK(why_not(g, {.window = -1}) == "time_shift: window is -1, needs a number from 0 to 100000 spacings, 100000");
  CHECK(why_not(g, {.window = infinity}) == "time_shift: window is inf, needs a number from 0 to 100000 spacings, 100000");
  CHECK(why_not(g, {.window = 80, .spacing = 1e-4}) == "time_shift: window is 80, needs a number from 0 to 100000 spacings, 10");
  CHECK(why_not(g, {.window = 80, .spacing = 0}) == "time_shift: spacing is 0, needs a finite number above 0");
  CHECK(why_not(g, {.window = 80, .data_variance = -1}) == "time_shift: data_variance is -1, needs a finite number not below 0");
  CHECK(why_not(g, {.window = 80, .cutoff = infinity}) == "time_shift: cutoff is inf, needs a finite number");
  CHECK(why_not(g, {.window = 200}) == "time_shift: window is 200, needs to be below 200: point 1 at time 800 could pass a neighbour");
  CHECK(why_not(g, {.window = 198}, true) == "time_shift: window is 198, needs to be below 100: point 1 at time 800 and its neighbours, where a method "
                                             "remembers evaluations, could change places");
  CHECK(why_not(g, {.window = 198, .end = dd::shifted_end::target_time}, true) == "accepted");
  const dd::grid back = dd::from_times(ddpm_path(), std::vector<double>{0, 500, 900});
  CHECK(why_not(back, {.window = 10}) == "time_shift: the grid goes from data to noise, needs one from noise to data");
  const dd::grid told = dd::labelled(g, [](const dd::level<>& at) { return at.t / 1000; });
  CHECK(why_not(told, {.window = 10}).find("time_shift: point 1 at time 800 has lambda ") == 0);
  CHECK(why_not(told, {}) == "accepted");
}
