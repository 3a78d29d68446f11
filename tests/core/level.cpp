// SPDX-License-Identifier: MIT
#include "diffode/core/level.hpp"

#include "catch.hpp"

#include <cmath>
#include <limits>
#include <vector>

using namespace diffode;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void check_equal(const level<>& a, const level<>& b) {
  CHECK(a.t == b.t);
  CHECK(a.alpha == b.alpha);
  CHECK(a.sigma == b.sigma);
  CHECK(a.lambda == b.lambda);
  CHECK(a.label == b.label);
}

}  // namespace

TEST_CASE("make_level takes lambda from alpha and sigma, and tells the model the time") {
  const level<> at = make_level(0.3, 0.8, 0.6);
  CHECK(at.t == 0.3);
  CHECK(at.label == 0.3);
  CHECK(at.alpha == 0.8);
  CHECK(at.sigma == 0.6);
  CHECK(at.lambda == Approx(std::log(0.8 / 0.6)).epsilon(1e-15));
}

TEST_CASE("a level without noise or without data has infinite lambda") {
  CHECK(make_level(0, 1, 0).lambda == infinity);
  CHECK(make_level(1, 0, 1).lambda == -infinity);
  CHECK(rho(make_level(0, 1, 0)) == 0);
  CHECK(rho(make_level(1, 0, 1)) == infinity);
}

TEST_CASE("lambda keeps its value where alpha/sigma would overflow") {
  CHECK(make_level(0, 1e200, 1e-200).lambda == Approx(400 * std::log(10.)).epsilon(1e-15));
}

TEST_CASE("rho is sigma over alpha, e to the minus lambda") {
  const level<> at = make_level(0.3, 0.8, 0.6);
  CHECK(rho(at) == Approx(0.75).epsilon(1e-15));
  CHECK(rho(at) == Approx(std::exp(-at.lambda)).epsilon(1e-15));
}

TEST_CASE("joined levels keep every field in its lane") {
  std::vector<level<>> each;
  for (int i = 1; i <= 4; ++i) {
    level<> l = make_level(0.1 * i, 1. / i, 0.2 * i);
    l.label = 100 + i;
    each.push_back(l);
  }
  const level<lanes> joint = join(each);
  CHECK(joint.t.size() == 4);
  CHECK(joint.label.size() == 4);
  for (std::size_t i = 0; i < each.size(); ++i) {
    check_equal(lane(joint, i), each[i]);
    CHECK(rho(joint)[i] == rho(each[i]));
  }
}

TEST_CASE("a level of doubles is in every lane") {
  const level<> at = make_level(0.3, 0.8, 0.6);
  check_equal(lane(at, 5), at);
  check_equal(lane(join(std::vector<level<>>{at}), 5), at);
}
