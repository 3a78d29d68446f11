// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace {

namespace dd = diffode;

template <class M>
std::string why(const M& how) {
  const dd::fault f = how.check();
  return f ? f->what() : "";
}

}  // namespace

// The slope between the ends of so short a way was rounding divided by the ratio: finite, and wrong.
TEST_CASE("ratios that leave no digits of a slope are refused") {
  const std::string range = ", needs a number from 0.0001 to 1";
  CHECK(why(dd::singlestep{.r1 = {1e-300}}) == "singlestep: a ratio of r1 is 1e-300" + range);
  CHECK(why(dd::singlestep{.r1 = {0.5, 1e-14}}) == "singlestep: a ratio of r1 is 1e-14" + range);
  CHECK(why(dd::singlestep{.p = 3, .r2 = {9e-5}}) == "singlestep: a ratio of r2 is 9e-05" + range);
  CHECK(why(dd::seeds{.r1 = 1e-300}) == "seeds: r1 is 1e-300, needs 0 (the usual one) or a number from 0.0001 to 1");
  CHECK(why(dd::seeds{.r2 = 1e-14}) == "seeds: r2 is 1e-14" + range);
  CHECK(why(dd::dpm2{.r = 1e-16}) == "dpm2: r is 1e-16" + range);
  CHECK(why(dd::dpmpp_sde{.r = 1e-14}) == "dpmpp_sde: r is 1e-14" + range);
}

TEST_CASE("two stages of one step that are all but the same are refused") {
  CHECK(why(dd::singlestep{.p = 3, .r1 = {0.5}, .r2 = {0.50001}}) == "singlestep: r1 is 0.5 where r2 is 0.50001, needs r1 below r2 by 0.0001 or more");
  CHECK(why(dd::seeds{.p = 3, .r1 = 0.5, .r2 = 0.50001}) == "seeds: r1 is 0.5 where r2 is 0.50001, needs r1 below r2 by 0.0001 or more");
}

TEST_CASE("the least ratio is allowed, and still has digits") {
  const dd::grid levels = dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 6});
  const auto twice = [](std::span<const double> x, const dd::level<>& at, std::span<double> out) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] / (1 + at.sigma * at.sigma);  // data that are unit normal
  };
  const auto off = [&](const auto& how, const auto& usual) {
    std::vector<double> x(1, 10), y(1, 10);
    dd::sample(how, levels, dd::x0(twice), x);
    dd::sample(usual, levels, dd::x0(twice), y);
    return std::abs(x[0] / y[0] - 1);
  };
  // Another ratio is another method of the same order: off by the error of the steps, and by no noise of rounding.
  CHECK(off(dd::singlestep{.r1 = {1e-4}}, dd::singlestep{.r1 = {2e-4}}) < 1e-3);
  CHECK(off(dd::dpm2{.r = 1e-4}, dd::dpm2{.r = 2e-4}) < 1e-3);
  CHECK(off(dd::seeds{.eta = 0, .r1 = 1e-4}, dd::seeds{.eta = 0, .r1 = 2e-4}) < 1e-3);
  CHECK(off(dd::dpmpp_sde{.eta = 0, .r = 1e-4}, dd::dpmpp_sde{.eta = 0, .r = 2e-4}) < 1e-3);
}
