// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <string>
#include <vector>

namespace {

namespace dd = diffode;

template <class M>
std::string why(const M& how, const dd::grid& levels) {
  const auto made = dd::try_compile(how, levels, dd::eps_model{});
  return made ? "" : made.reason()->what();
}

}  // namespace

TEST_CASE("a warm start of a method with stages, which would evaluate them for nothing, is refused") {
  const dd::grid levels = dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 6});
  CHECK(why(dd::warm_start<dd::heun, dd::heun>{.steps = 3}, levels) ==
        "warm_start: then is heun, which makes 2 evaluations in a step, needs a method that evaluates at the start of its steps alone");
  CHECK(why(dd::warm_start<dd::euler, dd::singlestep>{.steps = 1}, levels).find("warm_start: then is singlestep, which makes 2 evaluations") == 0);
  CHECK(why(dd::warm_start<dd::heun, dd::heun>{}, levels).empty());
  CHECK(why(dd::warm_start<dd::heun, dd::dpmpp_3m>{}, levels).empty());
  CHECK(why(dd::warm_start<dd::heun, dd::lms>{}, levels).empty());
  CHECK(dd::compile(dd::warm_start<dd::heun, dd::unipc>{}, levels, dd::eps_model{}).calls() > static_cast<int>(levels.steps()));
}

TEST_CASE("whole indices are refused where time goes from 0 to 1, where they would all be 0") {
  const std::string wrong = "tcd: floored is true on a step from time 1 to 0.5, needs false: times are no whole numbers here, and 0 would stand for all below 1";
  CHECK(why(dd::tcd{.floored = true}, dd::from_times(dd::vp_linear{}, std::vector<double>{1, 0.5, 0.1})) == wrong);
  CHECK(why(dd::tcd{.floored = false}, dd::from_times(dd::vp_linear{}, std::vector<double>{1, 0.5, 0.1})).empty());
  CHECK(why(dd::tcd{.floored = true}, dd::from_times(dd::discrete_from({}), std::vector<double>{999, 500, 1, 0})).empty());
}
