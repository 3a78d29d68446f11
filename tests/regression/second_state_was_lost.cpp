// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <string>

namespace {

namespace dd = diffode;

template <class M>
std::string why(const M& how) {
  const auto made = dd::try_compile(how, dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 4}), dd::eps_model{});
  return made ? "" : made.reason()->what();
}

using paired = dd::reversible<dd::euler>;

}  // namespace

TEST_CASE("what goes around a method refuses one with a second state, which nobody would carry") {
  CHECK(why(dd::churn<paired>{}) == "churn: reversible carries a second state, needs a method without one");
  CHECK(why(dd::ancestral<paired>{}) == "ancestral: reversible carries a second state, needs a method without one");
  CHECK(why(dd::unic<paired>{}) == "unic: reversible carries a second state, needs a method without one");
  CHECK(why(dd::warm_start<paired, dd::dpmpp_2m>{}) == "warm_start: reversible carries a second state, needs a method without one");
  CHECK(why(dd::warm_start<dd::heun, paired>{.steps = 1}) == "warm_start: reversible carries a second state, needs a method without one");
  CHECK(why(dd::churn<dd::ancestral<paired>>{}) == "ancestral: reversible carries a second state, needs a method without one");
}

TEST_CASE("what goes around a method takes one without a second state") {
  CHECK(why(dd::churn<dd::heun>{}).empty());
  CHECK(why(dd::ancestral<dd::euler>{}).empty());
  CHECK(why(dd::warm_start<dd::heun, dd::dpmpp_2m>{}).empty());
  CHECK(why(paired{}).empty());
}
