// SPDX-License-Identifier: MIT
#include "diffode/grid/grid.hpp"

#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/ve.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "diffode/schedule/zero_snr.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

std::string refusal(const noise_path& path, std::vector<level<>> levels, repeats rule = repeats::refused) {
  return message(grid::make("list", path, std::move(levels), rule));
}

}  // namespace

TEST_CASE("a grid keeps its levels, its path and its direction") {
  const flow f;
  const grid g = grid::make("list", f, {f.at(1), f.at(0.25), f.at(0)}).value();
  CHECK(g.steps() == 2);
  CHECK(g.size() == 3);
  CHECK(g[1].sigma == 0.25);
  CHECK(g.front().alpha == 0);
  CHECK(g.back().sigma == 0);
  CHECK(g.denoises());
  CHECK(g.path().name == "flow");
  CHECK_FALSE(grid::make("list", f, {f.at(0), f.at(0.25), f.at(1)}).value().denoises());
}

TEST_CASE("clean data and pure noise are on the path of every schedule that reaches them") {
  const level<> clean{0, 1, 0, infinity, 0};
  CHECK(refusal(vp_linear{}, {vp_linear{}.at(1), clean}) == "no fault");
  CHECK(refusal(ve{}, {ve{}.at(1), clean}) == "no fault");
  CHECK(refusal(flow{}, {flow{}.at(1), clean}) == "no fault");
  for (const interpolation between : {interpolation::log_rho, interpolation::log_alpha, interpolation::rho}) {
    const discrete d = zero_snr(table(between));
    CHECK(refusal(d, {d.at(999), clean}) == "no fault");
  }
}

TEST_CASE("a grid refuses levels that are no levels") {
  const flow f;
  const auto with = [&](level<> wrong) { return refusal(f, {f.at(0.5), wrong}); };
  level<> l = f.at(0.25);
  l.t = not_a_number;
  CHECK(with(l) == "list: level 1 has t nan, needs a finite number");
  l = f.at(0.25);
  l.label = infinity;
  CHECK(with(l) == "list: level 1 has label inf, needs a finite number");
  l = f.at(0.25);
  l.alpha = not_a_number;
  CHECK(with(l) == "list: level 1 has alpha nan, needs a finite number not below 0");
  l = f.at(0.25);
  l.sigma = -0.25;
  CHECK(with(l) == "list: level 1 has sigma -0.25, needs a finite number not below 0");
  CHECK(with({0, 0, 0, 0, 0}) == "list: level 1 has alpha and sigma 0, needs one of them above 0");
  l = f.at(0.25);
  l.lambda = not_a_number;
  CHECK(with(l) == "list: level 1 has lambda nan, needs log(alpha/sigma)");
}

TEST_CASE("a grid refuses levels of another schedule") {
  const level<> a{1, 0.6, 0.8, std::log(0.75), 1};
  CHECK_THAT(refusal(flow{}, {a, flow{}.at(0)}),
             starts_with("list: level 0 has alpha 0.6 and sigma 0.8, needs 0.42857"));
  CHECK_THAT(refusal(flow{}, {a, flow{}.at(0)}),
             contains(", the point of schedule flow at its lambda -0.28768"));
  CHECK_THAT(
      refusal(ve{}, {flow{}.at(0.5), ve{}.at(0.1)}),
      starts_with("list: level 0 has alpha 0.5 and sigma 0.5, needs 1 and 1, the point of schedule ve"));
}

TEST_CASE("a grid refuses levels that repeat or turn") {
  const flow f;
  CHECK(refusal(f, {}) == "list: number of levels is 0, needs at least 2 (one step)");
  CHECK(refusal(f, {f.at(0.5)}) == "list: number of levels is 1, needs at least 2 (one step)");
  const std::string repeated = refusal(f, {f.at(0.75), f.at(0.5), f.at(0.5), f.at(0.25)});
  CHECK(
      repeated ==
      "list: lambda of level 2 is 0, needs to be above 0 (that of level 1): levels must not repeat or turn");
  CHECK_THAT(refusal(f, {f.at(0.75), f.at(0.25), f.at(0.5), f.at(0.1)}),
             starts_with("list: lambda of level 2 is 0, needs to be above 1.09861228866810"));
  CHECK_THAT(refusal(f, {f.at(0.1), f.at(0.25), f.at(0.2), f.at(0.75)}), contains(", needs to be below "));
  CHECK(refusal(f, {f.at(0), f.at(0)}) == "list: lambda of level 1 is inf, needs to be above inf (that of "
                                          "level 0): levels must not repeat or turn");
}

TEST_CASE("a repeated level is allowed where it is asked for") {
  const flow f;
  CHECK(refusal(f, {f.at(0.75), f.at(0.5), f.at(0.5)}, repeats::allowed) == "no fault");
  CHECK_THAT(refusal(f, {f.at(0.75), f.at(0.5), f.at(0.6), f.at(0.1)}, repeats::allowed),
             contains("must not repeat or turn"));
}

TEST_CASE("a grid refuses a schedule with wrong numbers") {
  CHECK(refusal(ve{.sigma_min = -1}, {ve{}.at(2), ve{}.at(1)}) ==
        "ve: sigma_min is -1, needs a finite number above 0");
}
