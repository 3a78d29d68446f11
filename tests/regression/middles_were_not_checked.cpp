// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace dd = diffode;

const dd::grid levels = dd::from_sigmas(dd::ve{}, std::vector<double>{8, 4, 2, 1, 0.5});

std::string why(std::vector<dd::level<>> middle) {
  const auto made = dd::try_compile(dd::pndm{.start = dd::pndm_start::runge_kutta, .middle = std::move(middle)}, levels, dd::eps_model{});
  return made ? "" : made.reason()->what();
}

}  // namespace

TEST_CASE("a middle that is not between the ends of its step is refused with its index") {
  const dd::level<> first = dd::ve{}.at(6), second = dd::ve{}.at(3);
  CHECK(why({first, second}).empty());
  CHECK_THAT(why({second}), diffode_test::starts_with("pndm: middle[0] has lambda -1.0986"));
  CHECK_THAT(why({second}), diffode_test::contains(", needs a level strictly between those of step 0, lambda -2.0794"));
  CHECK_THAT(why({first, first}), diffode_test::starts_with("pndm: middle[1] has lambda "));
  CHECK_THAT(why({levels[0]}), diffode_test::starts_with("pndm: middle[0] has lambda "));
  CHECK_THAT(why({levels[1]}), diffode_test::starts_with("pndm: middle[0] has lambda "));
}

TEST_CASE("a middle that is no level is refused with its index") {
  dd::level<> none = dd::ve{}.at(6), bare = none, unknown = none;
  none.lambda = std::numeric_limits<double>::quiet_NaN();
  bare.sigma = std::numeric_limits<double>::quiet_NaN();
  unknown.alpha = std::numeric_limits<double>::infinity();
  CHECK_THAT(why({none}), diffode_test::starts_with("pndm: middle[0] has lambda nan, alpha 1, sigma 6, needs"));
  CHECK_THAT(why({bare}), diffode_test::contains("sigma nan, needs"));
  CHECK_THAT(why({unknown}), diffode_test::contains("alpha inf, "));
}
