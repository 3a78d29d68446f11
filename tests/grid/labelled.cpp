// SPDX-License-Identifier: MIT
#include "diffode/grid/labelled.hpp"

#include "diffode/grid/karras.hpp"
#include "diffode/schedule/edm.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("labelled: labels change, levels do not") {
  const grid g = karras(edm{}, {80, 0.002, 6});
  const grid l = labelled(g, [](const level<>& at) { return std::log(at.sigma) / 4; });
  CHECK(rhos(l) == rhos(g));
  CHECK(times(l) == times(g));
  CHECK(l[0].label == std::log(g[0].sigma) / 4);
  CHECK(l.back().label == g.back().label);  // sigma = 0 keeps its label
  CHECK(l.path().name == "edm");
}

TEST_CASE("labelled: a label that is not finite is refused") {
  const grid g = karras(edm{}, {80, 0.002, 6});
  CHECK(message(try_labelled(g, [](const level<>&) { return not_a_number; })) ==
        "labelled: level 0 has label nan, needs a finite number");
}
