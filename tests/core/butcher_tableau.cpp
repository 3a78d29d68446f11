// SPDX-License-Identifier: MIT
#include "diffode/core/butcher_tableau.hpp"

#include "catch.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using diffode::butcher_tableau;

namespace {

using vec = std::vector<double>;

vec times(const butcher_tableau& t, const vec& v) {  // A v
  vec w(t.stages());
  for (std::size_t i = 0; i < w.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) w[i] += t.row(i)[j] * v[j];
  return w;
}
vec product(const vec& a, const vec& b) {
  vec w(a);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] *= b[i];
  return w;
}
double dot(const vec& a, const vec& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The largest order of which weights b meet all conditions (rooted trees up to order 5: Butcher 2016, table 304(I)).
int order_of(const butcher_tableau& t, const vec& b) {
  const vec one(t.stages(), 1), c = t.c, c2 = product(c, c), c3 = product(c2, c), Ac = times(t, c), Ac2 = times(t, c2), AAc = times(t, Ac);
  const struct {
    int order;
    double left, right;
  } conditions[] = {{1, dot(b, one), 1}, {2, dot(b, c), 1. / 2}, {3, dot(b, c2), 1. / 3}, {3, dot(b, Ac), 1. / 6},
                    {4, dot(b, c3), 1. / 4}, {4, dot(b, product(c, Ac)), 1. / 8}, {4, dot(b, Ac2), 1. / 12}, {4, dot(b, AAc), 1. / 24},
                    {5, dot(b, product(c2, c2)), 1. / 5}, {5, dot(b, product(c2, Ac)), 1. / 10}, {5, dot(b, product(c, Ac2)), 1. / 15},
                    {5, dot(b, product(c, AAc)), 1. / 30}, {5, dot(b, product(Ac, Ac)), 1. / 20}, {5, dot(b, times(t, c3)), 1. / 20},
                    {5, dot(b, times(t, product(c, Ac))), 1. / 40}, {5, dot(b, times(t, Ac2)), 1. / 60}, {5, dot(b, times(t, AAc)), 1. / 120}};
  int order = 5;
  for (const auto& k : conditions)
    if (std::abs(k.left - k.right) > 1e-13 && k.order <= order) order = k.order - 1;
  return order;
}

const butcher_tableau all[] = {butcher_tableau::euler(), butcher_tableau::heun2(), butcher_tableau::midpoint(), butcher_tableau::kutta3(),
                               butcher_tableau::ralston3(), butcher_tableau::heun3(), butcher_tableau::houwen3(), butcher_tableau::ssp3(),
                               butcher_tableau::kutta4(), butcher_tableau::bogacki_shampine(), butcher_tableau::cash_karp(),
                               butcher_tableau::dormand_prince()};

std::string refusal(const butcher_tableau& t) {
  const diffode::fault f = t.check("rk");
  return f ? f->what() : "nothing";
}

}  // namespace

TEST_CASE("every tableau meets the order conditions of its order and of no higher one") {
  for (const butcher_tableau& t : all) {
    CHECK_FALSE(t.check("rk"));
    CHECK(order_of(t, t.b) == t.order);
    if (!t.low.empty()) CHECK(order_of(t, t.low) == t.order - 1);
  }
}

TEST_CASE("slopes that serve the estimate alone are told from those of the result") {
  CHECK(butcher_tableau::bogacki_shampine().needed() == 3);
  CHECK(butcher_tableau::bogacki_shampine().estimate_needs() == 4);
  CHECK(butcher_tableau::dormand_prince().needed() == 6);
  CHECK(butcher_tableau::dormand_prince().estimate_needs() == 7);
  CHECK(butcher_tableau::cash_karp().needed() == 6);
  CHECK(butcher_tableau::cash_karp().estimate_needs() == 6);
  CHECK(butcher_tableau::heun2().estimate_needs() == 1);
}

TEST_CASE("what is no explicit method, or not of its order, is refused with the number that is wrong") {
  CHECK(refusal({}) == "rk: b of the tableau is empty, needs a weight for each stage");
  CHECK(refusal({.c = {0}, .a = {1}, .b = {0.5, 0.5}}) ==
        "rk: the tableau has 1 nodes c and 0 weights low, needs as many as weights b, 2 (low may be empty)");
  CHECK(refusal({.c = {0, 1}, .a = {1, 0}, .b = {0.5, 0.5}}) == "rk: the tableau has 2 entries a, needs 1: in row i one for each of the i earlier slopes");
  CHECK(refusal({.c = {0, 1}, .a = {0.5}, .b = {0.5, 0.5}}) == "rk: row 1 of the tableau sums to 0.5, needs its node c = 1");
  CHECK(refusal({.c = {0, 2}, .a = {2}, .b = {0.75, 0.25}}) == "rk: node 1 of the tableau is 2, needs a number from 0 to 1");
  CHECK(refusal({.c = {0, 1}, .a = {1}, .b = {0.5, 0.5}, .low = {1, 1}}) == "rk: low of the tableau sums to 2, needs 1");
  CHECK(refusal({.c = {0}, .a = {}, .b = {1}, .order = 0}) == "rk: order of the tableau is 0, needs 1 or more");
  CHECK(refusal({.c = {0}, .a = {}, .b = {0.5}}) == "rk: sum of b c^0 of the tableau is 0.5, needs 1/1 for order 1");
  CHECK(refusal({.c = {0, 1}, .a = {1}, .b = {1, 0}, .order = 2}) == "rk: sum of b c^1 of the tableau is 0, needs 1/2 for order 2");
}

TEST_CASE("a tableau whose rows miss the order that its weights and nodes could have is refused") {
  butcher_tableau third = butcher_tableau::kutta3(), fourth = butcher_tableau::kutta4(), deep = fourth, honest = third;
  third.a = {0.5, 1, 0};
  CHECK(refusal(third) == "rk: sum of b a c of the tableau is 0, needs 1/6 for order 3");
  fourth.a = {0.5, 0.25, 0.25, -0.5, 0, 1.5};
  CHECK(refusal(fourth).find("rk: sum of b c a c of the tableau is 0.1458") == 0);
  deep.a = {0.5, 0, 0.5, 0, 0.5, 0.5};
  CHECK(refusal(deep).find("rk: sum of b a a c of the tableau is 0.0208") == 0);
  honest.a = {0.5, 1, 0}, honest.order = 2;
  CHECK(refusal(honest) == "nothing");
}
