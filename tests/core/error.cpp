// SPDX-License-Identifier: MIT
#include "diffode/core/error.hpp"

#include "catch.hpp"

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace diffode;

namespace {

result<int> half(int n) {
  if (n % 2 != 0) return detail::refuse(errc::bad_call, "half: n is ", n, ", needs an even number");
  return n / 2;
}

template <class F>
std::string message(F f) {
  try {
    f();
  } catch (const error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("an error carries its kind and its line") {
  const error e = detail::refuse(errc::bad_grid, "karras: count is ", 0, ", needs at least ", 1U);
  CHECK(e.code() == errc::bad_grid);
  CHECK(std::string(e.what()) == "karras: count is 0, needs at least 1");
  const error copy = e;
  CHECK(std::string(copy.what()) == e.what());
}

TEST_CASE("numbers print in the shortest form that reads back") {
  CHECK(detail::text(0.1, " ", 1e-300) == "0.1 1e-300");
  CHECK(detail::text(1.0 / 3) == "0.3333333333333333");
  CHECK(detail::text(0.1F) == "0.1");
  CHECK(detail::text(-5, " ", std::size_t{18446744073709551615U}) == "-5 18446744073709551615");
  CHECK(detail::text(std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(detail::text(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(detail::text(std::numeric_limits<double>::denorm_min()) == "5e-324");
  CHECK(detail::text(-std::numeric_limits<double>::max()) == "-1.7976931348623157e+308");
  CHECK(detail::text(std::string("a"), std::string_view("b"), "c") == "abc");
  CHECK(detail::text().empty());
}

TEST_CASE("a result has a value or a reason") {
  const result<int> good = half(8), bad = half(7);
  CHECK(static_cast<bool>(good));
  CHECK(good.value() == 4);
  CHECK_FALSE(good.reason().has_value());
  CHECK_FALSE(static_cast<bool>(bad));
  REQUIRE(bad.reason().has_value());
  CHECK(bad.reason()->code() == errc::bad_call);
  CHECK(std::string(bad.reason()->what()) == "half: n is 7, needs an even number");
}

TEST_CASE("asking a refused result for its value raises the reason") {
  const std::string reason = "half: n is 7, needs an even number";
  result<int> bad = half(7);
  const result<int>& constant = bad;
  CHECK(message([&] { bad.value() = 0; }) == reason);
  CHECK(message([&] { (void)constant.value(); }) == reason);
  CHECK(message([] { (void)half(7).value(); }) == reason);
  CHECK_THROWS_AS(bad.value(), std::exception);
}

TEST_CASE("a value can be changed and moved out") {
  result<std::string> text = std::string("one");
  text.value() += " two";
  CHECK(text.value() == "one two");
  const std::string taken = std::move(text).value();
  CHECK(taken == "one two");
  result<std::unique_ptr<int>> only = std::make_unique<int>(3);
  CHECK(*std::move(only).value() == 3);
}

TEST_CASE("no fault raises nothing") {
  CHECK(message([] { raise(fault{}); }) == "no error");
  CHECK(message([] { raise(fault(error(errc::bad_noise, "philox: no"))); }) == "philox: no");
}
