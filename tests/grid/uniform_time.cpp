// SPDX-License-Identifier: MIT
#include "diffode/grid/uniform_time.hpp"

#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("uniform_time: times are equidistant, and both ends are exact") {
  CHECK(off(times(uniform_time(vp_linear{}, {1, 1e-3, 4})), {1, 0.75025, 0.5005, 0.25075, 1e-3}) < 1e-15);
  CHECK(times(uniform_time(flow{}, {1, 0, 4})) == column{1, 0.75, 0.5, 0.25, 0});
  const vp_linear s;
  check_counts([&](int n) { return uniform_time(s, {1, 1e-3, n}); }, s.at(1).lambda, s.at(1e-3).lambda);
  check_counts([&](int n) { return uniform_time(s, {0, 1, n}); }, infinity, s.at(1).lambda);
}

TEST_CASE("uniform_time: times that are whole numbers come out whole") {
  const grid g = uniform_time(table(), {999, 0, 27});
  for (int i = 0; i <= 27; ++i) CHECK(g[static_cast<std::size_t>(i)].t == 999 - 37 * i);
}

TEST_CASE("uniform_time: an ending takes the place of the last interval") {
  const grid g = uniform_time(table(), {999, 0, 4, ending::zero});
  CHECK(times(g) == column{999, 666, 333, 0, 0});
  CHECK(g.back().sigma == 0);
  CHECK(g.back().alpha == 1);
  check_counts(
      [](int n) {
        return uniform_time(table(), {999, 0, n, ending::zero});
      },
      table().at(999).lambda, infinity);
  CHECK(uniform_time(table(), {999, 0, 1, ending::zero}).steps() == 1);
}

TEST_CASE("endings: the last level is clean, kept, repeated or a given sigma") {
  const flow f;
  CHECK(sigmas(uniform_time(f, {1, 0.5, 2, ending::keep})) == column{1, 0.75, 0.5});
  CHECK(sigmas(uniform_time(f, {1, 0.5, 2, ending::zero})) == column{1, 0.5, 0});
  CHECK(sigmas(uniform_time(f, {1, 0.5, 2, ending::repeat})) == column{1, 0.5, 0.5});
  CHECK(off(sigmas(uniform_time(f, {1, 0.5, 2, ending::at(0.25)})), {1, 0.5, 0.2}) <
        1e-15);  // sigma/alpha = 1/4
  CHECK(sigmas(uniform_time(f, {1, 0.5, 2, ending::at(1)})) == column{1, 0.5, 0.5});
  CHECK(ending::keep.values(5) == 6);
  CHECK(ending::zero.values(5) == 5);
}

TEST_CASE("endings: a wrong one is refused") {
  const auto with = [](ending e) { return message(try_uniform_time(flow{}, {1, 0.5, 3, e})); };
  CHECK(with(ending::at(-1)) == "uniform_time: ending is at sigma -1, needs a finite number not below 0");
  CHECK(with(ending::at(not_a_number)) ==
        "uniform_time: ending is at sigma nan, needs a finite number not below 0");
  CHECK_THAT(with(ending::at(7)), contains("levels must not repeat or turn"));
  CHECK_THAT(message(try_uniform_time(flow{}, {1, 0, 3, ending::zero})),
             contains("levels must not repeat or turn"));
}

TEST_CASE("uniform_time: refusals name argument, value and what is allowed") {
  const auto with = [](time_steps o) { return message(try_uniform_time(vp_linear{}, o)); };
  CHECK(with({1, 0.5, 0}) == "uniform_time: count is 0, needs at least 1");
  CHECK(with({1, 0.5, -3}) == "uniform_time: count is -3, needs at least 1");
  CHECK(with({1.5, 0.5, 4}) == "uniform_time: from is 1.5, needs a time of vp_linear, from 0 to 1");
  CHECK(with({1, -0.5, 4}) == "uniform_time: to is -0.5, needs a time of vp_linear, from 0 to 1");
  CHECK(with({not_a_number, 0.5, 4}) == "uniform_time: from is nan, needs a time of vp_linear, from 0 to 1");
  CHECK(with({0.5, 0.5, 4}) == "uniform_time: to is 0.5, needs to differ from `from`");
  CHECK(message(try_uniform_time(vp_linear{.beta0 = -1}, {1, 0.5, 4})) ==
        "vp_linear: beta0 is -1, needs a finite number above 0");
}
