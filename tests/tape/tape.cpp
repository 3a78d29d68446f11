// SPDX-License-Identifier: MIT
#include "diffode/tape/tape.hpp"

#include "catch.hpp"
#include "tape/record.hpp"

using namespace diffode_test;

TEST_CASE("a tape names its values in the order in which they are written") {
  tape<> code;
  CHECK(code.input() == value{0});
  CHECK(code.noise(3) == value{1});
  CHECK(code.one() == value{2});
  CHECK(sum(code, {{value{0}, 1}, {value{1}, 2}}) == value{3});
  REQUIRE(code.nodes().size() == 4);
  CHECK(code.nodes()[1].kind == node_kind::noise);
  CHECK(code.nodes()[1].tag == 3);
  const auto terms = code.terms(code.nodes()[3]);
  REQUIRE(terms.size() == 2);
  CHECK(terms[1].v == value{1});
  CHECK(terms[1].c == 2);
}

TEST_CASE("terms whose coefficient is exactly zero are left out") {
  tape<> code;
  const value x = code.input();
  const value s = sum(code, {{x, 0.}, {x, -0.}, {x, 1e-300}});
  CHECK(code.terms(code.nodes()[static_cast<std::size_t>(s)]).size() == 1);
}

TEST_CASE("with lanes a term is left out only if it is zero in every lane") {
  tape<lanes> code;
  const value x = code.input();
  const term<lanes> terms[] = {{x, lanes({0, 1})}, {x, lanes({0, 0})}, {x, 0}};
  const value s = code.sum(terms);
  CHECK(code.terms(code.nodes()[static_cast<std::size_t>(s)]).size() == 1);
}

TEST_CASE("only the newest evaluation of a step is its last") {
  tape<> code;
  const value x = code.input();
  call(code, x);
  code.mark_last_of_step(0);
  call(code, x);
  call(code, x);
  code.mark_last_of_step(1);
  REQUIRE(code.evaluations().size() == 3);
  CHECK(code.evaluations()[0].last_of_step);
  CHECK_FALSE(code.evaluations()[1].last_of_step);
  CHECK(code.evaluations()[2].last_of_step);
}

TEST_CASE("the first refusal counts") {
  tape<> code;
  CHECK_FALSE(code.reason());
  code.refuse(error(errc::bad_model, "first"));
  code.refuse(error(errc::bad_grid, "second"));
  REQUIRE(code.reason());
  CHECK(code.reason()->what() == std::string("first"));
  CHECK(code.reason()->code() == errc::bad_model);
}
