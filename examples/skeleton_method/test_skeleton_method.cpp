// SPDX-License-Identifier: MIT
#include "skeleton_method.hpp"

#include "catch.hpp"
#include "conformance/counted_new.hpp"
#include "conformance/every_check.hpp"
#include "conformance/probe.hpp"

#include <cmath>
#include <string>
#include <vector>

using namespace diffode_test;

// A method of its own needs one test file: its coefficients against the paper, its options, its errors. What holds for
// every method is checked by the conformance suite; once the method is in include/diffode/method.hpp, that suite runs it
// by itself, and the next test case is left out of the copy.

TEST_CASE("the skeleton passes the conformance suite") {
  for (const double r : {0.5, 1.0, 0.3}) {
    const subject s = subject_of(diffode::skeleton_method{.r = r}, "r = " + std::to_string(r));
    check_everything(s);
  }
}

TEST_CASE("the skeleton has the coefficients of its paper") {
  // Algorithm 1 as a plain loop; with r = 1/2, D = m1.
  const family f = families()[0];
  const diffode_reference::loop loop = [&](diffode_reference::levels l, double x, const diffode_reference::prediction_of& x0) {
    for (std::size_t i = 0; i + 1 < l.size(); ++i) {
      const double h = l[i + 1].lambda - l[i].lambda, m0 = x0(x, l[i]);
      const diffode::level<> u = f.path.at_lambda(l[i].lambda + h / 2);
      const double m1 = x0(u.sigma / l[i].sigma * x - u.alpha * (std::exp(-h / 2) - 1) * m0, u);
      x = l[i + 1].sigma / l[i].sigma * x - l[i + 1].alpha * (std::exp(-h) - 1) * m1;
    }
    return x;
  };
  for (const int n : {1, 3, 10}) {
    const diffode::grid g = f.uniform(n);
    const std::vector<diffode::level<>> levels(g.begin(), g.end());
    const diffode::plan made = subject_of(diffode::skeleton_method{}).on(g, told::v);
    const std::vector<double> ours = probe(made), papers = probe(loop, levels, told::v, diffode::prediction::x0, static_cast<std::size_t>(made.calls()));
    for (std::size_t i = 0; i < ours.size(); ++i) CHECK(std::abs(ours[i] - papers[i]) < 1e-13);  // n steps of some roundings each
  }
}

TEST_CASE("the skeleton costs what its documentation row says") {
  const diffode::plan p = subject_of(diffode::skeleton_method{}).on(families()[0].uniform(10), told::eps);
  CHECK(diffode::skeleton_method::order() == 2);
  CHECK(p.calls() == 2 * p.steps());
  CHECK(p.kernels() == p.calls());
  CHECK(p.slots() == 2);  // the first evaluation has no weight at r = 1/2
  CHECK(subject_of(diffode::skeleton_method{.r = 1}).on(families()[0].uniform(10), told::eps).slots() == 3);
}

TEST_CASE("the skeleton evaluates twice a step, the second time where r says") {
  const diffode::grid g = families()[0].uniform(4);
  const diffode::plan p = subject_of(diffode::skeleton_method{.r = 0.25}).on(g, told::eps);
  CHECK(p.calls() == 8);
  CHECK(std::abs(p.call(1).at.lambda - (0.75 * g[0].lambda + 0.25 * g[1].lambda)) < 1e-14);
  CHECK(p.call(1).stage == 1);
}

TEST_CASE("the skeleton refuses a stage outside the step") {
  const auto refusal = [](double r) {
    const auto refused = subject_of(diffode::skeleton_method{.r = r}).plan_on(families()[0].uniform(2), {}, {});
    return refused ? std::string() : std::string(refused.reason()->what());
  };
  CHECK(refusal(0) == "skeleton_method: r is 0, needs a number above 0 and not above 1");
  CHECK(refusal(1.5) == "skeleton_method: r is 1.5, needs a number above 0 and not above 1");
}
