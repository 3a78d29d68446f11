// SPDX-License-Identifier: MIT
#include "diffode/control/fixed.hpp"

#include "catch.hpp"
#include "diffode/grid.hpp"
#include "diffode/method.hpp"
#include "diffode/model.hpp"
#include "diffode/run.hpp"
#include "diffode/schedule.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace diffode;

namespace {

grid of(std::vector<double> sigmas) { return from_sigmas(ve{}, sigmas); }

std::string what(const fixed<lanes>& c) {
  const fault f = c.check();
  return f ? f->what() : "nothing";
}

}  // namespace

TEST_CASE("a fixed control visits the levels of its grid") {
  const grid levels = of({8, 4, 1});
  const fixed<double> c(levels);
  CHECK(c.steps() == 2);
  for (int i = 0; i <= 2; ++i) CHECK(c.at(i).lambda == levels[static_cast<std::size_t>(i)].lambda);
  CHECK(c.lanes() == lane_map{});
  CHECK_FALSE(c.check());
}

TEST_CASE("a point between two levels lies on the noise path of the grid") {
  CHECK(fixed<double>(of({8, 2})).between(-std::log(4.)).sigma == Approx(4).epsilon(1e-15));
  const level<> between = fixed<double>(uniform_lambda(vp_linear{}, {.from = 1, .to = 0.1, .count = 2})).between(0.5);
  CHECK(between.alpha == vp_linear{}.at_lambda(0.5).alpha);
}

TEST_CASE("with lanes every lane walks its own grid, on its own noise path") {
  const grid fast = of({8, 2, 0.5}), slow = uniform_lambda(vp_linear{}, {.from = 1, .to = 0.1, .count = 2});
  const fixed<lanes> c({fast, slow}, {3, 2});
  CHECK(what(c) == "nothing");
  CHECK(c.steps() == 2);
  CHECK(c.lanes() == lane_map{3, 2});
  for (int i = 0; i <= 2; ++i) {
    CHECK(lane(c.at(i).sigma, 0) == fast[static_cast<std::size_t>(i)].sigma);
    CHECK(lane(c.at(i).sigma, 1) == slow[static_cast<std::size_t>(i)].sigma);
    CHECK(lane(c.at(i).label, 1) == slow[static_cast<std::size_t>(i)].label);
  }
  const level<lanes> between = c.between(lanes({0.25, 0.5}));
  CHECK(lane(between.alpha, 0) == 1);
  CHECK(lane(between.alpha, 1) == vp_linear{}.at_lambda(0.5).alpha);
}

TEST_CASE("one grid serves all lanes as copies of it do, and its levels are single numbers") {
  const grid levels = of({8, 4, 1});
  const fixed<lanes> shared(levels, {1, 100'000}), copies(std::vector<grid>(3, levels), {1, 3});
  CHECK(what(shared) == "nothing");
  CHECK(shared.lanes() == lane_map{1, 100'000});
  CHECK(shared.steps() == 2);
  for (int i = 0; i <= 2; ++i) {
    CHECK(shared.at(i).sigma.size() == 1);
    CHECK(lane(shared.at(i).lambda, 99'999) == levels[static_cast<std::size_t>(i)].lambda);
  }
  CHECK(shared.between(0.5).sigma.size() == 1);
  CHECK(lane(shared.between(lanes({0.5, 1.0})).lambda, 1) == 1);
  CHECK(lane(shared.at_time(lanes({4.0, 2.0})).sigma, 1) == 2);
  const fixed<lanes> small(levels, {1, 3});
  CHECK(compile(heun{}, small, eps_model{}).fingerprint() == compile(heun{}, copies, eps_model{}).fingerprint());
  CHECK(what(fixed<lanes>(levels, {0, 2})) == "fixed: lane stride is 0, needs at least 1");
  CHECK(what(fixed<lanes>(levels, {1, 0})) == "fixed: number of lanes is 0, needs at least 1");
}

TEST_CASE("lanes that do not fit together are refused") {
  const grid two = of({8, 4, 1}), three = of({8, 4, 2, 1});
  CHECK(what(fixed<lanes>({two, two}, {1, 3})) == "fixed: number of grids is 2, needs one for each of the 3 lanes");
  CHECK(what(fixed<lanes>({}, {1, 1})) == "fixed: number of grids is 0, needs one for each of the 1 lanes");
  CHECK(what(fixed<lanes>({}, {1, 0})) == "fixed: number of grids is 0, needs one for each of the 0 lanes");
  CHECK(what(fixed<lanes>({two, two}, {0, 2})) == "fixed: lane stride is 0, needs at least 1");
  CHECK(what(fixed<lanes>({two, three}, {1, 2})) == "fixed: grid 1 has 3 steps, needs as many as grid 0, 2");
}

TEST_CASE("a run over lanes that do not fit together is refused with the same words") {
  const grid two = of({8, 4, 1}), three = of({8, 4, 2, 1});
  CHECK_THROWS_WITH(compile(euler{}, fixed<lanes>({two, three}, {1, 2}), eps_model{}), "fixed: grid 1 has 3 steps, needs as many as grid 0, 2");
  CHECK_THROWS_WITH(compile(euler{}, fixed<lanes>({}, {1, 0}), eps_model{}), diffode_test::starts_with("fixed: number of grids is 0"));
  const auto refused = try_compile(euler{}, fixed<lanes>({two}, {0, 1}), eps_model{});
  REQUIRE_FALSE(refused);
  CHECK(refused.reason()->code() == errc::bad_shape);
}
