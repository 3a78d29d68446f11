// SPDX-License-Identifier: MIT
#include "diffode/grid/table.hpp"

#include "diffode/schedule/edm.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "diffode/schedule/zero_snr.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("from_times: the levels at these times") {
  const grid g = from_times(table(), column{999, 500.5, 0});
  CHECK(times(g) == column{999, 500.5, 0});
  CHECK(g[1].alpha == table().at(500.5).alpha);
  CHECK(times(from_times(flow{}, column{1, 0.5}, ending::zero)) == column{1, 0.5, 0});
  CHECK(from_times(flow{}, column{1}, ending::zero).steps() == 1);
  CHECK_FALSE(from_times(flow{}, column{0, 0.5, 1}).denoises());
}

TEST_CASE("from_sigmas: sigma/alpha on VP, sigma itself on VE; 0 is clean data") {
  const grid vp = from_sigmas(table(), column{10, 1, 0});
  CHECK(off(rhos(vp), {10, 1, 0}) < 1e-15);
  CHECK(std::abs(vp[1].alpha - std::sqrt(0.5)) < 1e-15);
  CHECK(vp.back().alpha == 1);
  CHECK(vp.back().sigma == 0);
  CHECK(vp.back().label == 0);
  CHECK(off(sigmas(from_sigmas(edm{}, column{80, 5, 0.1, 0})), {80, 5, 0.1, 0}) < 2e-15);
  CHECK(off(sigmas(from_sigmas(flow{}, column{3, 1})), {0.75, 0.5}) < 1e-15);
  for (const double sigma : {1e-12, 1e-5, 1e-3}) {
    const level<> l = from_sigmas(table(), column{1, sigma})[1];
    CHECK(std::abs(l.sigma - sigma / std::sqrt(1 + sigma * sigma)) < 1e-14 * sigma);
    CHECK(l.t == 0);
  }
  CHECK(from_sigmas(edm{}, column{5}, ending::zero).steps() == 1);
}

TEST_CASE("from_flow_sigmas: alpha = 1 - sigma; 1 is pure noise, 0 clean data") {
  const grid g = from_flow_sigmas(flow{}, column{1, 0.9, 0.25, 0});
  CHECK(off(sigmas(g), {1, 0.9, 0.25, 0}) < 1e-15);
  CHECK(g.front().alpha == 0);
  CHECK(g.back().alpha == 1);
  const grid vp = from_flow_sigmas(vp_linear{}, column{0.75, 0.5});
  CHECK(off(rhos(vp), {3, 1}) < 1e-15);
}

TEST_CASE("from_levels: the levels and labels as they are") {
  level<> a = table().at(900), b = table().at(100);
  a.label = 901;
  b.label = 101;
  const grid g = from_levels(table(), std::vector{a, b});
  CHECK(labels(g) == column{901, 101});
  CHECK(from_levels(flow{}, std::vector{flow{}.at(0.5), flow{}.at(0.5)}, repeats::allowed).steps() == 1);
}

TEST_CASE("lists: refusals name argument, value and what is allowed") {
  const auto at_times = [](column c, ending e = ending::keep) {
    return message(try_from_times(table(), c, e));
  };
  CHECK(at_times({}) == "from_times: number of times is 0, needs at least 1");
  CHECK(at_times({500}) == "from_times: number of times is 1, needs at least 2 (one step), or an ending");
  CHECK(at_times({999, 1200, 3}) == "from_times: time 1 is 1200, needs a time of discrete, from 0 to 999");
  CHECK(at_times({999, not_a_number}) ==
        "from_times: time 1 is nan, needs a time of discrete, from 0 to 999");
  CHECK_THAT(at_times({999, 500, 500, 0}),
             starts_with("from_times: lambda of level 2 is ") && ends_with("levels must not repeat or turn"));
  CHECK_THAT(at_times({999, 500, 600, 0}), ends_with("levels must not repeat or turn"));
  CHECK(at_times({999}, ending::at(-1)) ==
        "from_times: ending is at sigma -1, needs a finite number not below 0");

  const auto at_sigmas = [](column c) { return message(try_from_sigmas(edm{}, c)); };
  CHECK(at_sigmas({}) == "from_sigmas: number of sigmas is 0, needs at least 1");
  CHECK(at_sigmas({1}) == "from_sigmas: number of sigmas is 1, needs at least 2 (one step), or an ending");
  CHECK(at_sigmas({1, -0.5}) == "from_sigmas: sigma 1 is -0.5, needs a finite number not below 0");
  CHECK(at_sigmas({not_a_number, 0.5}) == "from_sigmas: sigma 0 is nan, needs a finite number not below 0");
  CHECK(at_sigmas({infinity, 0.5}) == "from_sigmas: sigma 0 is inf, needs a finite number not below 0");
  CHECK_THAT(at_sigmas({4, 2, 2, 1}), ends_with("levels must not repeat or turn"));
  CHECK_THAT(at_sigmas({4, 2, 3, 1}), ends_with("levels must not repeat or turn"));
  CHECK_THAT(at_sigmas({4, 0, 0}), ends_with("levels must not repeat or turn"));
  CHECK_THAT(message(try_from_sigmas(edm{}, column{4, 4, 1}, ending::repeat)),
             ends_with("levels must not repeat or turn"));

  const auto at_shares = [](column c, ending e = ending::keep) {
    return message(try_from_flow_sigmas(flow{}, c, e));
  };
  CHECK(at_shares({1.5, 0.5}) == "from_flow_sigmas: sigma 0 is 1.5, needs a number from 0 to 1");
  CHECK(at_shares({0.5}, ending::at(2)) == "from_flow_sigmas: ending is 2, needs a number from 0 to 1");
  CHECK(message(try_from_flow_sigmas(edm{}, column{1, 0.5})) ==
        "from_flow_sigmas: level 0 has t inf, needs a finite number");

  CHECK(message(try_from_levels(flow{}, {})) ==
        "from_levels: number of levels is 0, needs at least 2 (one step)");
  CHECK_THAT(message(try_from_levels(flow{}, std::vector{table().at(999), table().at(0)})),
             starts_with("from_levels: level 0 has alpha 0.068") &&
                 contains(", the point of schedule flow at its lambda "));
  CHECK(message(try_from_times(edm{.sigma_min = 0}, column{1, 0.5})) ==
        "edm: sigma_min is 0, needs a finite number above 0");
}
