// SPDX-License-Identifier: MIT
#include "diffode/model/guidance.hpp"

#include "catch.hpp"
#include "diffode/schedule.hpp"

#include <limits>
#include <string>
#include <vector>

using namespace diffode;

namespace {
const level<> at = vp_linear{}.at(0.4);
std::string what(const guidance& g) { return g.check()->what(); }
}  // namespace

TEST_CASE("without guidance the one output counts fully") {
  const auto w = guidance{}.weights(at);
  CHECK(w[0] == 1);
  CHECK(w[1] == 0);
  CHECK_FALSE(guidance{}.check());
}

TEST_CASE("classifier-free guidance is F1 + scale*(F0 - F1)") {
  const guidance g = classifier_free(7.5);
  CHECK(g.outputs == 2);
  CHECK(g.weights(at)[0] == 7.5);
  CHECK(g.weights(at)[1] == -6.5);
  CHECK(classifier_free(1).weights(at)[1] == 0);
  CHECK(classifier_free(0).weights(at)[0] == 0);
  CHECK_FALSE(g.check());
}

TEST_CASE("outside its interval only output 0 counts; its ends belong to it") {
  guidance g = classifier_free(3);
  g.from_lambda = -1;
  g.to_lambda = 2;
  const auto weights = [&](double lambda) {
    level<> l = at;
    l.lambda = lambda;
    return g.weights(l);
  };
  for (const double inside : {-1., 0., 2.}) {
    CHECK(weights(inside)[0] == 3);
    CHECK(weights(inside)[1] == -2);
  }
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double outside : {-infinity, -1.0001, 2.0001, infinity}) {
    CHECK(weights(outside)[0] == 1);
    CHECK(weights(outside)[1] == 0);
  }
}

TEST_CASE("with lanes every lane is inside or outside by itself") {
  guidance g = classifier_free(3);
  g.from_lambda = 0;
  level<lanes> l = join(std::vector<level<>>{at, at});
  l.lambda = lanes({-1, 1});
  CHECK(lane(g.weights(l)[0], 0) == 1);
  CHECK(lane(g.weights(l)[0], 1) == 3);
  CHECK(lane(g.weights(l)[1], 0) == 0);
  CHECK(lane(g.weights(l)[1], 1) == -2);
}

TEST_CASE("guidance that can not be is refused") {
  CHECK(what({.outputs = 0}) == "guidance: outputs is 0, needs 1 to 4");
  CHECK(what({.outputs = 5}) == "guidance: outputs is 5, needs 1 to 4");
  CHECK(what({.outputs = 2, .weight = {2, 1, 0, 0}}) == "guidance: the weights sum to 3, need to sum to 1");
  CHECK(what(classifier_free(std::numeric_limits<double>::quiet_NaN())) == "guidance: weight 0 is nan, needs a finite number");
  guidance g = classifier_free(3);
  g.from_lambda = 2;
  g.to_lambda = 1;
  CHECK(what(g) == "guidance: from_lambda is 2, needs a number not above to_lambda = 1");
}
