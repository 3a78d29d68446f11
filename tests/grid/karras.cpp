// SPDX-License-Identifier: MIT
#include "diffode/grid/karras.hpp"

#include "diffode/schedule/edm.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("karras: the sigmas of the paper") {
  const grid g = karras(edm{}, {.sigma_max = 80, .sigma_min = 0.002, .count = 18});
  CHECK(off(rhos(g),
            {80, 57.58598472124816, 40.78557379650796, 28.374584604156844, 19.35245298032523,
             12.91008238075732, 8.400935309099816, 5.315194521796382, 3.256821519765537, 1.9233398370400518,
             1.088170636545279, 0.5853481231945422, 0.29644228447915727, 0.13951646873101678,
             0.05994731123547159, 0.022934518372333384, 0.0075280199627840785, 0.002, 0}) < 1e-13);
  CHECK(labels(g) == sigmas(g));
}

TEST_CASE("karras: one step goes from sigma_max to the ending") {
  CHECK(rhos(karras(edm{}, {.sigma_max = 80, .sigma_min = 0.002, .count = 1})) ==
        column{rho(edm{}.at_lambda(-std::log(80))), 0});
  CHECK(off(rhos(karras(edm{}, {.sigma_max = 80, .sigma_min = 0.002, .count = 1, .end = ending::keep})),
            {80, 0.002}) < 1e-15);
}

TEST_CASE("karras: left out, the sigmas are those at the ends of the schedule") {
  const grid g = karras(table(), {.count = 7});
  CHECK(std::abs(g[0].t - 999) < 1e-9);
  CHECK(std::abs(g[6].t) < 1e-9);
  CHECK(g.back().sigma == 0);
  CHECK(off(rhos(karras(edm{}, {.count = 3}, 2)), rhos(karras(edm{}, {80, 0.002, 3}, 2))) < 1e-15);
}

TEST_CASE("karras: every count works with every ending, on VP, VE and flow") {
  const double high = -std::log(14.0), low = -std::log(0.03);
  for (const noise_path& path :
       {noise_path(vp_linear{}), noise_path(edm{}), noise_path(flow{}), noise_path(table())}) {
    check_counts([&](int n) { return karras(path, {14, 0.03, n}); }, high, infinity);
    check_counts([&](int n) { return karras(path, {14, 0.03, n, ending::keep}); }, high, low);
    for (const int n : {2, 3, 8, 1000}) {
      CHECK(karras(path, {14, 0.03, n, ending::repeat}).back().lambda == low);
      CHECK(karras(path, {14, 0.03, n, ending::at(0.03)}).steps() == static_cast<std::size_t>(n));
      CHECK(std::abs(rho(karras(path, {14, 0.03, n, ending::at(0.01)}).back()) - 0.01) < 1e-14);
    }
  }
}

TEST_CASE("karras: a sigma of rectified flow is a share") {
  const grid g = karras(flow{}, {0.9, 0.1, 3, ending::keep, sigma_meaning::share}, 1);
  CHECK(off(sigmas(g), {0.9, 0.9 - 0.8 / 3, 0.9 - 1.6 / 3, 0.1}) < 1e-15);
  const grid all = karras(flow{}, {1, 0.1, 3, ending::zero, sigma_meaning::share});
  CHECK(all.front().alpha == 0);
  CHECK(all.back().sigma == 0);
}

TEST_CASE("karras: refusals name argument, value and what is allowed") {
  const auto with = [](sigma_steps o, double exponent = 7) {
    return message(try_karras(edm{}, o, exponent));
  };
  CHECK(with({80, 0.002, 0}) == "karras: count is 0, needs at least 1");
  CHECK(with({80, 0.002, -1}) == "karras: count is -1, needs at least 1");
  CHECK(with({80, 0.002, 5}, 0) == "karras: exponent is 0, needs a finite number above 0");
  CHECK(with({80, 0.002, 5}, not_a_number) == "karras: exponent is nan, needs a finite number above 0");
  CHECK(with({-80, 0.002, 5}) == "karras: sigma_max is -80, needs a finite number not below 0");
  CHECK(with({not_a_number, 0.002, 5}) == "karras: sigma_max is nan, needs a finite number not below 0");
  CHECK(with({80, -0.002, 5}) == "karras: sigma_min is -0.002, needs a finite number not below 0");
  CHECK(with({80, 0, 5}) == "karras: sigma_min is 0, needs a number above 0");
  CHECK(with({80, 80, 5}) == "karras: sigma_min is 80, needs a number below sigma_max = 80");
  CHECK(with({80, 90, 5}) == "karras: sigma_min is 90, needs a number below sigma_max = 80");
  CHECK(with({80, 0.002, 5, ending::at(-1)}) ==
        "karras: ending is at sigma -1, needs a finite number not below 0");
  CHECK(with({1.5, 0.5, 5, ending::zero, sigma_meaning::share}) ==
        "karras: sigma_max is 1.5, needs a number from 0 to 1");
  CHECK(with({1, 0.5, 5, ending::at(2), sigma_meaning::share}) ==
        "karras: ending is 2, needs a number from 0 to 1");
  CHECK(message(try_karras(flow{}, {.sigma_min = 0.1, .count = 4})) ==
        "karras: sigma_max is left out, and flow goes up to inf, needs one given");
  CHECK(message(try_karras(edm{.sigma_max = -1}, {80, 0.002, 5})) ==
        "edm: sigma_max is -1, needs a finite number above sigma_min = 0.002");
}

TEST_CASE("karras: the form without try_ throws the same message") {
  CHECK_THROWS_WITH(karras(edm{}, {80, 0.002, 0}), "karras: count is 0, needs at least 1");
  CHECK_THROWS_AS(karras(edm{}, {80, 0.002, 0}), error);
}
