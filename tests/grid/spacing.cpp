// SPDX-License-Identifier: MIT
#include "diffode/grid/spacing.hpp"

#include "diffode/schedule/clipped.hpp"
#include "diffode/schedule/zero_snr.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

column ddim_convention(spacing rule, int count, int offset = 0) {
  return spaced_steps(1000, {.rule = rule, .count = count, .offset = offset});
}

column dpm(spacing rule, int count, int offset = 0) {
  return spaced_steps(1000, {.rule = rule, .family = spacing_family::dpm, .count = count, .offset = offset});
}

column backwards(column c) { return column(c.rbegin(), c.rend()); }

}  // namespace

TEST_CASE("round_half_even: ties go to the even integer, whatever the sign") {
  using detail::round_half_even;
  CHECK(round_half_even(0.5) == 0);
  CHECK(round_half_even(1.5) == 2);
  CHECK(round_half_even(2.5) == 2);
  CHECK(round_half_even(-0.5) == 0);
  CHECK(round_half_even(-1.5) == -2);
  CHECK(round_half_even(-2.5) == -2);
  CHECK(round_half_even(2.4999999999999996) == 2);
  CHECK(round_half_even(0.49999999999999994) == 0);
  CHECK(round_half_even(7) == 7);
  CHECK(round_half_even(4503599627370497.0) == 4503599627370497.0);
}

TEST_CASE("spacing: the two conventions of each rule") {
  CHECK(ddim_convention(spacing::leading, 5) == column{800, 600, 400, 200, 0});
  CHECK(ddim_convention(spacing::leading, 5, 1) == column{801, 601, 401, 201, 1});
  CHECK(dpm(spacing::leading, 4) == column{800, 600, 400, 200});
  CHECK(dpm(spacing::leading, 4, 1) == column{801, 601, 401, 201});
  CHECK(ddim_convention(spacing::leading, 20)[0] == 950);
  CHECK(dpm(spacing::leading, 20)[0] == 940);
  CHECK(ddim_convention(spacing::trailing, 5) == column{999, 799, 599, 399, 199});
  CHECK(dpm(spacing::trailing, 5) == column{999, 799, 599, 399, 199});
  CHECK(ddim_convention(spacing::linspace, 4) == column{999, 666, 333, 0});
  CHECK(ddim_convention(spacing::linspace, 10) == column{999, 888, 777, 666, 555, 444, 333, 222, 111, 0});
  CHECK(dpm(spacing::linspace, 10) == column{999, 899, 799, 699, 599, 500, 400, 300, 200, 100});
  CHECK(ddim_convention(spacing::linspace, 3) == column{999, 500, 0});  // 499.5 goes to the even one
}

TEST_CASE("spacing: without rounding linspace keeps fractions") {
  const column c = spaced_steps(1000, {.rule = spacing::linspace, .count = 3, .rounded = false});
  CHECK(c == column{999, 499.5, 0});
  CHECK(spaced_steps(1000, {.rule = spacing::linspace, .count = 1500, .rounded = false}).size() == 1500);
}

TEST_CASE("spacing: trailing has exactly as many steps as were asked for, none below 0 and none twice") {
  for (int n = 1; n <= 1000; ++n) {
    const column c = ddim_convention(spacing::trailing, n);
    bool good = c.size() == static_cast<std::size_t>(n) && c.front() == 999 && c.back() >= 0;
    for (std::size_t i = 1; i < c.size(); ++i) good = good && c[i] < c[i - 1] && c[i] == std::floor(c[i]);
    if (!good) FAIL_CHECK("count " << n);
  }
  // Counts where accumulated strides give one entry more, in double and in float.
  for (const int n : {61, 103, 121, 122, 201, 9, 11, 12, 18, 21, 22, 30}) {
    CHECK(ddim_convention(spacing::trailing, n).size() == static_cast<std::size_t>(n));
    CHECK(dpm(spacing::trailing, n).size() == static_cast<std::size_t>(n));
    CHECK(ddim_convention(spacing::trailing, n).back() >= 0);
  }
}

TEST_CASE("spacing: ties are rounded to even, and on the doubles of numpy's arange") {
  CHECK(ddim_convention(spacing::trailing, 16)[1] == 937);  // 937.5 goes to 938
  CHECK(ddim_convention(spacing::trailing, 16)[3] == 811);  // 812.5 goes to 812
  CHECK(ddim_convention(spacing::trailing, 80)[1] == 987);  // 987.5 goes to 988
  CHECK(ddim_convention(spacing::trailing, 80)[3] == 961);  // 962.5 goes to 962
  // 1000 - 3*1000/48 is 937.5; the rounded stride makes it a little more or less, which decides.
  CHECK(ddim_convention(spacing::trailing, 48)[3] == std::nearbyint(1000 - 3 * (1000 - (1000 - 1000.0 / 48))) - 1);
}

TEST_CASE("spacing: every step of every count equals that of numpy") {
  // A checksum over all counts, made with the doubles of numpy's arange and linspace and its rounding.
  const auto sum = [](spacing rule, spacing_family family, int most) {
    long long all = 0;
    for (int n = 1; n <= most; ++n)
      for (const double step : spaced_steps(1000, {.rule = rule, .family = family, .count = n}))
        all = (all * 31 + static_cast<long long>(step) + 1) % 1000000007;
    return all;
  };
  CHECK(sum(spacing::trailing, spacing_family::ddim, 1000) == 558692947);
  CHECK(sum(spacing::linspace, spacing_family::dpm, 999) == 341526624);
  CHECK(sum(spacing::linspace, spacing_family::ddim, 1000) == 288180540);
}

TEST_CASE("spacing: every rule gives n distinct falling steps for every n it accepts") {
  for (const spacing rule : {spacing::linspace, spacing::leading, spacing::trailing})
    for (const spacing_family family : {spacing_family::ddim, spacing_family::dpm})
      for (const int train : {2, 9, 40, 1000})
        for (int n = 1; n <= train; ++n)
          for (const bool ascending : {false, true}) {
            const auto made =
                try_spaced_steps(train, {.rule = rule, .family = family, .count = n, .ascending = ascending});
            if (!made) {
              CHECK(n == train);
              CHECK(family == spacing_family::dpm);
              continue;
            }
            const column c = ascending ? backwards(made.value()) : made.value();
            bool good = c.size() == static_cast<std::size_t>(n) && c.front() <= train - 1 && c.back() >= 0;
            for (std::size_t i = 1; i < c.size(); ++i) good = good && c[i] < c[i - 1];
            if (!good) FAIL_CHECK("train " << train << " count " << n);
          }
}

TEST_CASE("spacing: ascending steps are for inversion") {
  const auto up = [](spacing rule, spacing_family family, int count) {
    return spaced_steps(1000, {.rule = rule, .family = family, .count = count, .ascending = true});
  };
  CHECK(up(spacing::leading, spacing_family::ddim, 5) == column{0, 200, 400, 600, 800});
  CHECK(up(spacing::leading, spacing_family::dpm, 4) == column{0, 200, 400, 600});
  CHECK(up(spacing::trailing, spacing_family::dpm, 4) == column{249, 499, 749, 999});
  CHECK(up(spacing::linspace, spacing_family::dpm, 3) == column{0, 333, 666});
}

TEST_CASE("spacing: only the usable steps are picked, and strides below 0 are left out") {
  const auto with = [](spacing rule, int count) {
    return spaced_steps(1000, {.rule = rule, .family = spacing_family::dpm, .count = count, .usable = 900});
  };
  CHECK(with(spacing::linspace, 29)[0] == 899);
  CHECK(with(spacing::leading, 8) == column{800, 700, 600, 500, 400, 300, 200, 100});
  CHECK(with(spacing::trailing, 5) == column{899, 699, 499, 299, 99});
  CHECK(with(spacing::trailing, 10).size() == 9);
}

TEST_CASE("spaced: the levels of the table at these steps, then the ending") {
  const discrete d = table();
  const grid g = spaced(d, {.rule = spacing::trailing, .count = 4});
  CHECK(labels(g) == column{999, 749, 499, 249, 0});
  CHECK(g[1].alpha == d.at(749).alpha);
  CHECK(g.back().sigma == 0);
  const grid kept = spaced(d, {.count = 4, .end = ending::keep});
  CHECK(labels(kept) == column{800, 600, 400, 200, 0});
  CHECK(labels(spaced(d, {.count = 4, .end = ending::at(rho(d.at(0)))})) == column{750, 500, 250, 0, 0});
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8, 999})
    for (const spacing rule : {spacing::linspace, spacing::leading, spacing::trailing})
      for (const spacing_family family : {spacing_family::ddim, spacing_family::dpm})
        CHECK(spaced(d, {.rule = rule, .family = family, .count = n}).steps() == static_cast<std::size_t>(n));
}

TEST_CASE("spaced: a run may start from pure noise and go up for inversion") {
  const discrete d = zero_snr(table());
  CHECK(spaced(d, {.rule = spacing::trailing, .count = 5}).front().alpha == 0);
  const grid up = spaced(table(), {.count = 5, .ascending = true, .end = ending::at(rho(table().at(999)))});
  CHECK_FALSE(up.denoises());
  CHECK(std::abs(up.back().t - 999) < 1e-9);
}

TEST_CASE("spacing: refusals name argument, value and what is allowed") {
  const auto with = [](spacing_options o) { return message(try_spaced(table(), o)); };
  CHECK(with({.count = 0}) == "spaced: count is 0, needs an integer from 1 to 1000");
  CHECK(with({.count = -7}) == "spaced: count is -7, needs an integer from 1 to 1000");
  CHECK(with({.count = 1001}) == "spaced: count is 1001, needs an integer from 1 to 1000");
  CHECK(with({.family = spacing_family::dpm, .count = 1000}) ==
        "spaced: count is 1000, needs an integer from 1 to 999");
  CHECK(with({.count = 5, .offset = -1}) == "spaced: offset is -1, needs an integer from 0 to 199");
  CHECK(with({.count = 5, .offset = 200}) == "spaced: offset is 200, needs an integer from 0 to 199");
  CHECK(with({.count = 5, .usable = 1001}) == "spaced: usable is 1001, needs an integer from 0 to 1000");
  CHECK(with({.count = 5, .end = ending::at(-1)}) ==
        "spaced: ending is at sigma -1, needs a finite number not below 0");
  CHECK(with({.count = 1000, .end = ending::keep}) ==
        "spaced: count is 1000, needs an integer from 1 to 999");
  CHECK(with({.count = 0, .end = ending::keep}) == "spaced: count is 0, needs an integer from 1 to 999");
  CHECK(with({.count = 1, .end = ending::keep}) == "no fault");
  CHECK(message(try_spaced_steps(1, {.count = 1})) == "spaced_steps: train_steps is 1, needs at least 2");
  CHECK(message(try_spaced(discrete{}, {.count = 1})) ==
        "discrete: number of entries is 0, needs at least 2");
}
