// SPDX-License-Identifier: MIT
#include "diffode/grid/distilled.hpp"

#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("distilled: evenly picked from every twentieth training step") {
  CHECK(distilled_steps(1000, {.count = 4}) == column{999, 759, 499, 259});
  CHECK(distilled_steps(1000, {.count = 1}) == column{999});
  CHECK(distilled_steps(1000, {.count = 3}) == column{999, 679, 339});
  CHECK(labels(distilled(table(), {.count = 4})) == column{999, 759, 499, 259, 0});
  CHECK(labels(distilled(table(), {.count = 3, .end = ending::keep})) == column{999, 759, 499, 259});
  const column all = distilled_steps(1000, {.count = 50});
  for (std::size_t i = 0; i < 50; ++i) CHECK(all[i] == 999 - 20.0 * static_cast<double>(i));
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8, 50}) {
    const grid g = distilled(table(), {.count = n});
    CHECK(g.steps() == static_cast<std::size_t>(n));
    CHECK(g.front().t == 999);
    CHECK(g.back().sigma == 0);
  }
}

TEST_CASE("distilled: strength keeps the later steps, original sets their stride") {
  CHECK(distilled_steps(1000, {.count = 2, .strength = 0.5}) == column{499, 259});
  CHECK(distilled_steps(1000, {.count = 4, .original = 4}) == column{999, 749, 499, 249});
  CHECK(distilled_steps(1000, {.count = 4, .original = 1000}) == column{999, 749, 499, 249});
  // 50 * 0.58 is 28.999... as a double, and truncated.
  CHECK(distilled_steps(1000, {.count = 1, .strength = 0.58}) == column{559});
  CHECK(distilled_steps(1000, {.count = 2, .original = 3}) == column{998, 665});
}

TEST_CASE("distilled: refusals name argument, value and what is allowed") {
  const auto with = [](distilled_options o) { return message(try_distilled_steps(1000, o)); };
  CHECK(with({}) == "distilled_steps: count is 0, needs an integer from 1 to 50");
  CHECK(with({.count = 51}) == "distilled_steps: count is 51, needs an integer from 1 to 50");
  CHECK(with({.count = 26, .strength = 0.5}) == "distilled_steps: count is 26, needs an integer from 1 to 25");
  CHECK(with({.count = 4, .original = 0}) == "distilled_steps: original is 0, needs an integer from 1 to 1000");
  CHECK(with({.count = 4, .original = 1001}) == "distilled_steps: original is 1001, needs an integer from 1 to 1000");
  CHECK(with({.count = 4, .strength = 0}) == "distilled_steps: strength is 0, needs a number above 0 and up to 1");
  CHECK(with({.count = 4, .strength = not_a_number}) ==
        "distilled_steps: strength is nan, needs a number above 0 and up to 1");
  CHECK(with({.count = 1, .strength = 0.01}) ==
        "distilled_steps: strength is 0.01, needs at least 0.02 (one of the original steps)");
  CHECK(message(try_distilled_steps(1, {.count = 1})) == "distilled_steps: train_steps is 1, needs at least 2");
  CHECK(message(try_distilled(table(), {.count = 50, .end = ending::keep})) ==
        "distilled: count is 50, needs an integer from 1 to 49");
  CHECK(message(try_distilled({}, {.count = 4})) == "discrete: number of entries is 0, needs at least 2");
}
