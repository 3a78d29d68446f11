// SPDX-License-Identifier: MIT
#include "diffode/grid/on_statistics.hpp"

#include "diffode/grid/nodes.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/grid/uniform_time.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

model_statistics at(const std::vector<double>& lambda) {
  const std::vector<double> zero(lambda.size());
  return model_statistics::make({.lambda = lambda, .l = zero, .s = zero, .b = zero});
}

column lambdas(const grid& g) {
  column c;
  for (const level<>& l : g) c.push_back(l.lambda);
  return c;
}

}  // namespace

TEST_CASE("on_nodes: on equidistant statistics it is on_nodes without a table") {
  const vp_linear s;
  const lambda_nodes nodes{s.at(1).lambda, s.at(1e-3).lambda, 120};
  std::vector<double> lambda;
  for (int i = 0; i <= 120; ++i) lambda.push_back(nodes[i]);
  const grid g = uniform_time(s, {1, 1e-3, 10});
  CHECK(lambdas(on_nodes(g, at(lambda))) == lambdas(on_nodes(g, nodes)));
}

TEST_CASE("on_nodes: statistics may be anywhere, in either direction; without a table they are everywhere") {
  const vp_linear s;
  const grid g = uniform_lambda(s, {0.9, 0.02, 3});
  const std::vector<double> rising{-6, -3.9, -1.5, -1.4, 0, 3}, falling(rising.rbegin(), rising.rend());
  std::vector<double> nearest;
  for (const level<>& l : g) {
    double best = rising[0];
    for (const double x : rising) best = std::abs(x - l.lambda) < std::abs(best - l.lambda) ? x : best;
    nearest.push_back(best);
  }
  CHECK(off(lambdas(on_nodes(g, at(rising))), nearest) < 1e-12);
  CHECK(off(lambdas(on_nodes(g, at(falling))), nearest) < 1e-12);
  CHECK(lambdas(on_nodes(g, model_statistics::data_prediction())) == lambdas(g));
}

TEST_CASE("on_nodes: levels beyond the statistics and two at one lambda are refused") {
  const vp_linear s;
  const grid g = uniform_time(s, {1, 0.5, 10}), to_zero = uniform_lambda(s, {0.9, 0.1, 3, ending::zero});
  const auto with = [](const grid& from, const model_statistics& n) { return message(try_on_nodes(from, n)); };
  CHECK_THAT(with(g, at({-2, 0, 2})), starts_with("on_nodes: lambda of level 0 is -5.0") &&
                                          ends_with(", needs a number from -2 to 2, where the statistics were taken"));
  CHECK_THAT(with(to_zero, at({-6, 0, 6})), starts_with("on_nodes: lambda of level 3 is inf, needs a number from -6 to 6"));
  CHECK_THAT(with(g, at({-6, -3, 0})), ends_with("levels must not repeat or turn"));
}
