// SPDX-License-Identifier: MIT
//
// Inversion is the same method on the reversed grid.
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/moments.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"
#include "diffode/grid/reversed.hpp"
#include "diffode/grid/uniform_time.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

using namespace diffode_test;

TEST_CASE("every deterministic method follows the flow back to noise, in its order or nearly, and random ones refuse to") {
  const std::vector<double> images{-1.9, -0.6, 0.1, 0.8, 1.6};
  for (const subject& s : subjects_to_measure())
    for (const family& f : families()) {
      INFO(s.name() << " on " << f.name);
      const told what = s.target == diffode::prediction::eps ? told::eps : told::v;
      if (is_random(s)) {
        const auto made = s.plan_on(diffode::reversed(f.uniform(4)), {{what}}, {});
        REQUIRE_FALSE(made);
        CHECK(std::string(made.reason()->what()).find(s.method + ": ") == 0);
        continue;
      }
      if (s.order == 0) continue;
      double off[2] = {0, 0};
      for (const int finer : {0, 1}) {
        const diffode::grid up = diffode::reversed(f.uniform(finer ? 240 : 120));
        std::vector<double> x = images;
        for (double& v : x) v *= up.front().alpha;
        const std::vector<double> from = x, reached = run(s.on(up, what), x, scalar_truth(what));
        for (std::size_t i = 0; i < x.size(); ++i)
          off[finer] = std::fmax(off[finer], std::abs(reached[i] - mixture{}.flow(from[i], up.front(), up.back())) / up.back().sigma);
      }
      // The start of multistep methods, of order 1, limits the order to 2. Below 1e-5 several terms of the error are of one
      // size, and there is no order to be seen.
      const double order = std::log2(off[0] / off[1]), expected = s.order < 2 ? 1 : 2;
      INFO("off by " << off[0] << " and " << off[1] << ", order " << order);
      CHECK((order > expected - 0.5 || off[1] < 1e-5));
      CHECK(off[1] < 0.1);
    }
}

TEST_CASE("inversion ends in pure noise where the model can be asked there") {
  const diffode::grid up = diffode::reversed(diffode::uniform_time(diffode::flow{}, {.from = 1, .to = 0.02, .count = 40}));
  const std::string go_on[] = {"ddim", "euler", "heun", "dpmpp_2m", "dpmpp_3m", "unipc", "unic", "singlestep", "exponential_rk"};
  int refused = 0;
  for (const subject& s : all_subjects()) {
    if (is_random(s) || s.order == 0 || s.method == "dpm_v3") continue;
    const auto made = s.plan_on(up, {{told::flow}}, {});
    const bool needed = std::find(std::begin(go_on), std::end(go_on), s.method) != std::end(go_on);
    if (!made && !needed) {
      // Formulas in rho = sigma/alpha end before it becomes infinite, and say so.
      CHECK(std::string(made.reason()->what()).find(s.method + ": a ") == 0);
      ++refused;
      continue;
    }
    INFO(s.name() << ": " << (made ? "" : made.reason()->what()));
    REQUIRE(made);
    for (const double x : run(diffode::shared_plan(made.value()), std::vector<double>{-1.1, 0.3, 0.9}, scalar_truth(told::flow))) {
      CHECK(std::isfinite(x));
      CHECK(std::abs(x) < 6);
    }
  }
  CHECK(refused > 20);
}

TEST_CASE("inversion starts from clean data with methods that take the predicted noise there") {
  const diffode::grid whole = diffode::uniform_time(diffode::flow{}, {.from = 0.9, .to = 0.1, .count = 30, .end = diffode::ending::zero});
  for (const char* name : {"ddim", "euler"})
    for (const subject& s : all_subjects()) {
      if (s.name() != name) continue;
      for (const double x : run(s.on(diffode::reversed(whole), told::flow), std::vector<double>{-1.1, 0.3, 0.9}, scalar_truth(told::flow))) {
        CHECK(std::isfinite(x));
        CHECK(std::abs(x) < 6);
      }
    }
}
