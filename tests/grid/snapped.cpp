// SPDX-License-Identifier: MIT
#include "diffode/grid/snapped.hpp"

#include "diffode/grid/karras.hpp"
#include "diffode/schedule/flow.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("snapped: labels become integers, levels stay between training steps") {
  const grid g = karras(table(), {14, 0.03, 5});
  const grid rounded = snapped(g, snap::half_even), cut = snapped(g, snap::truncate),
             near = snapped(g, snap::nearest);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(rounded[i].label == std::nearbyint(g[i].label));
    CHECK(cut[i].label == std::floor(g[i].label));
    CHECK(near[i].label == rounded[i].label);  // ln rho is linear between two steps here
    CHECK(rounded[i].t == g[i].t);
    CHECK(rounded[i].lambda == g[i].lambda);
  }
  CHECK(rounded.back().label == 0);
}

TEST_CASE("snapped: nearest asks for the nearest lambda, not the nearest index") {
  // rho from 1 to 9 in one step: half way in the index is rho = 5, nearer to 9 in ln rho.
  const discrete d = discrete_from_abar(column{0.5, 1.0 / 82}, interpolation::rho);
  const grid g = grid::make("list", d, {d.at(0.45), d.at(0)}).value();
  CHECK(snapped(g, snap::half_even)[0].label == 0);
  CHECK(snapped(g, snap::nearest)[0].label == 1);
}

TEST_CASE("snapped: a start from pure noise and repeated levels survive") {
  const grid g =
      grid::make("list", flow{}, {flow{}.at(1), flow{}.at(0.3), flow{}.at(0.3)}, repeats::allowed).value();
  const grid scaled = labelled(g, [](const level<>& l) { return 1000 * l.sigma; });
  CHECK(labels(snapped(scaled, snap::half_even)) == column{1000, 300, 300});
}
