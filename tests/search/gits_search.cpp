// SPDX-License-Identifier: MIT
#include "diffode/search/gits_search.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "conformance/told.hpp"
#include "diffode/grid/reversed.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/model/bound.hpp"
#include "diffode/model/parameterisation.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

double total(const std::vector<double>& cost, int points, const std::vector<int>& taken, double coefficient) {
  double sum = 0, weight = 1;
  for (std::size_t k = 0; k + 1 < taken.size(); ++k, weight *= coefficient)
    sum += weight * cost[static_cast<std::size_t>(taken[k] * points + taken[k + 1])];
  return sum;
}

/// The least total over every choice of points.
double least(const std::vector<double>& cost, int points, int steps, double coefficient) {
  double best = 1e300;
  for (unsigned set = 0; set < 1u << (points - 2); ++set) {
    std::vector<int> taken{0};
    for (int i = 1; i < points - 1; ++i)
      if ((set >> (i - 1) & 1u) != 0) taken.push_back(i);
    taken.push_back(points - 1);
    if (static_cast<int>(taken.size()) == steps + 1) best = std::fmin(best, total(cost, points, taken, coefficient));
  }
  return best;
}

std::vector<double> starts(const dd::grid& g, std::size_t count) {
  std::mt19937 draw(7);
  std::normal_distribution<double> normal;
  std::vector<double> x;
  for (std::size_t i = 0; i < count; ++i) x.push_back(normal(draw) * g.front().sigma);
  return x;
}

void perfect(std::span<const double> x, const dd::level<>& at, std::span<double> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = returned(told::eps, mixture{}.at(x[i], at), at);
}

double error_of(const dd::grid& g) {
  std::vector<double> x = starts(g, 64);
  const std::vector<double> from = x;
  dd::sample(dd::ddim{}, g, dd::eps(perfect), x);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += std::pow(x[i] - mixture{}.flow(from[i], g.front(), g.back()), 2);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

std::string message(const dd::result<dd::grid>& r) { return r ? "accepted" : r.reason()->what(); }

}  // namespace

TEST_CASE("dynamic programming finds what trying every choice finds") {
  std::mt19937 draw(11);
  std::uniform_real_distribution<double> number(0, 1);
  for (int points = 2; points <= 10; ++points)
    for (int steps = 1; steps < points; ++steps)
      for (const double coefficient : {0.8, 1.0, 1.15, 3.0}) {
        std::vector<double> cost(static_cast<std::size_t>(points * points));
        for (double& c : cost) c = number(draw);
        const std::vector<int> taken = dd::try_cheapest_points(cost, points, {.steps = steps, .coefficient = coefficient}).value();
        REQUIRE(taken.size() == static_cast<std::size_t>(steps) + 1);
        CHECK(taken.front() == 0);
        CHECK(taken.back() == points - 1);
        for (std::size_t k = 0; k + 1 < taken.size(); ++k) CHECK(taken[k] < taken[k + 1]);
        CHECK(total(cost, points, taken, coefficient) == Approx(least(cost, points, steps, coefficient)).epsilon(1e-13));
      }
}

TEST_CASE("the chosen steps are better than equal ones for the method they were priced for, on starts not seen before") {
  for (const family& f : families()) {
    const dd::grid fine = f.uniform(60);
    for (const int steps : {4, 6, 10}) {
      std::vector<double> x = starts(fine, 32);
      for (double& v : x) v *= 0.97;
      const dd::grid chosen = dd::gits_search(dd::dpmpp_2m{}, fine, dd::eps(perfect), x, {.steps = steps, .coefficient = 1}, {.batch = 32});
      INFO(f.name << ", " << steps << " steps: " << error_of(chosen) << " against " << error_of(f.uniform(steps)));
      CHECK(chosen.steps() == static_cast<std::size_t>(steps));
      CHECK(chosen.front().lambda == fine.front().lambda);
      CHECK(chosen.back().lambda == fine.back().lambda);
      CHECK(error_of(chosen) < error_of(f.uniform(steps)));
    }
  }
}

TEST_CASE("with as many steps as the fine grid has, it is the fine grid") {
  const dd::grid fine = families()[0].uniform(7);
  std::vector<double> x = starts(fine, 4);
  const dd::grid chosen = dd::gits_search(dd::ddim{}, fine, dd::eps(perfect), x, {.steps = 7}, {.batch = 4});
  REQUIRE(chosen.size() == fine.size());
  for (std::size_t i = 0; i < fine.size(); ++i) CHECK(chosen[i].lambda == fine[i].lambda);
}

TEST_CASE("a first-order step of the teacher costs nothing") {
  const dd::grid fine = families()[2].uniform(5);
  dd::detail::teacher_run<double> seen;
  std::vector<double> x = starts(fine, 3);
  seen.state.push_back(x);
  dd::sample(dd::ddim{}, fine, dd::eps(perfect), x, {.plan = {.watch_state = true, .watch_denoised = true}}, dd::philox{},
             [&](const dd::sight<double>& now) { seen(now); });
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(dd::detail::jump_cost(seen, fine, i, i + 1, 3) < 1e-14);
    if (i < 4) CHECK(dd::detail::jump_cost(seen, fine, i, i + 2, 3) > 1e-4);
  }
}

TEST_CASE("what can not be searched is refused, with the reason") {
  const dd::grid fine = families()[0].uniform(8);
  std::vector<double> x = starts(fine, 4);
  const auto search = [&](const auto& how, const dd::grid& g, const dd::gits_options& o) { return message(dd::try_gits_search(how, g, dd::eps(perfect), x, o, {.batch = 4})); };
  CHECK(search(dd::ddim{}, fine, {.steps = 9}) == "gits_search: steps is 9, needs 1 to 8, the steps of the fine grid");
  CHECK(search(dd::ddim{}, fine, {.steps = 0}) == "gits_search: steps is 0, needs 1 to 8, the steps of the fine grid");
  CHECK(search(dd::ddim{}, fine, {.steps = 4, .coefficient = -1}) == "gits_search: coefficient is -1, needs a finite number above 0");
  CHECK(search(dd::heun{}, fine, {.steps = 4}) == "gits_search: heun evaluates 16 times in 8 steps, needs a method with one evaluation per step");
  CHECK(search(dd::ddim{}, dd::reversed(fine), {.steps = 4}).find("gits_search: lambda of the fine grid goes from ") == 0);
  CHECK(std::string(dd::try_cheapest_points(std::vector<double>(3), 2, {.steps = 1}).reason()->what()) == "gits_search: number of costs is 3, needs 4 (points x points)");
  CHECK(std::string(dd::try_cheapest_points(std::vector<double>{0, std::nan(""), 0, 0}, 2, {.steps = 1}).reason()->what()).find("gits_search: cost from point 0 to point 1 is nan") == 0);
  CHECK(search(dd::ddim{.eta = 1}, fine, {.steps = 4}) == "gits_search: ddim draws noise, needs a teacher that draws none (eta = 0): its run would be another each time");
  CHECK(message(dd::try_gits_search(dd::ddim{}, fine, dd::eps(perfect), x, {.steps = 4}, {.batch = 4, .plan = {.denoise_at_end = true}})) ==
        "gits_search: options have a plan part, needs none: the fine run is planned here");
  CHECK(message(dd::try_gits_search(dd::ddim{}, fine, dd::eps(perfect), x, {.steps = 4}, {.batch = 3})) == "sampler: batch is 3, needs a divisor of the size of x, 4");
  CHECK(x == starts(fine, 4));  // all of this is found before the fine run
}

TEST_CASE("costs whose total is not finite choose nothing") {
  const std::vector<double> cost(5 * 5, 1e200);
  CHECK(std::string(dd::try_cheapest_points(cost, 5, {.steps = 3, .coefficient = 1e150}).reason()->what()) ==
        "gits_search: least total of the costs is inf, with coefficient 1e+150, needs a finite number: smaller costs or a smaller coefficient");
  CHECK(dd::try_cheapest_points(cost, 5, {.steps = 3, .coefficient = 1e50}).value().size() == 4);
}
