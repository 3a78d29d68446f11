// SPDX-License-Identifier: MIT
#include "conformance/laws.hpp"
#include "conformance/legacy.hpp"
#include "conformance/orders.hpp"
#include "diffode/method/dpmpp_3m.hpp"
#include "diffode/method/unipc.hpp"
#include "effort.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace diffode_test;

namespace {

constexpr const char* page = DIFFODE_SOURCE_DIR "/docs/orders.md";

constexpr const char* head = R"(# Measured orders of convergence

Made by `tests/conformance/orders.cpp`, which fails when this page is not what it measures; to write it anew, run the
program `test_conformance` with `DIFFODE_UPDATE_DOCS=1` in its environment.

Data are one-dimensional and a mixture of three normals, so that the model is known in closed form and the exact
probability flow to machine precision. The measured order is log2 of how much the error (root mean square over nine
starts) falls when the number of steps is doubled, in double precision, with levels equidistant in lambda: VP from
t = 0.8 to 0.02, VE from sigma = 20 to 0.05, flow from t = 0.95 to 0.05. Two numbers are the smallest and the largest
over five kinds of model: eps, x0, v, flow and score prediction. They hardly differ, because a prediction is converted
exactly; they differ in rounding.

*VP, VE, flow*: with first steps so small that the low-order start of multistep methods does not count, and with full
order to the end. This is the order that a method claims.

*Plain grid*: equal steps from the first to the last, and orders lowered at the end as the options say, over VP, VE and
flow. One first-order step at the start or at the end is enough to limit a run to order 2 as the number of steps grows,
however small its error is at the numbers of steps that are used in practice.

*0* and -: as steps get short, the method does not come near the solution.

*legacy*: repeats a program that falls short; shown with the order it really has.

## Deterministic methods

| method | options | claimed | VP | VE | flow | plain grid |
|---|---|---|---|---|---|---|
)";

constexpr const char* random_head = R"(
## Methods that draw noise

Orders that `tests/conformance/moments.cpp` holds them to, on VP, VE and flow, within 0.15 below. *variance*: in which order the
variance of the results comes near that of the data, for data that are a normal, where it is known exactly for every plan; -
where it does not come near, as for samplers of distilled models, or is not meant to. *drift*: in which order a run with its
noise left out follows the drift of the stochastic equation, for the mixture above; - where there is no such equation that does
not depend on the grid.

| method | options | variance | drift |
|---|---|---|---|
)";

std::string text(const spread& s) {
  if (s.least > s.most) return "-";
  char least[32], most[32];
  std::snprintf(least, sizeof least, "%.2f", s.least);
  std::snprintf(most, sizeof most, "%.2f", s.most);
  return std::string(least) == most ? least : std::string(least) + " .. " + most;
}

std::string with_options(const subject& s) { return "| " + s.method + " | " + (s.options.empty() ? "defaults" : s.options) + " | "; }

std::string table() {
  std::string all = head;
  std::vector<subject> subjects = all_subjects();
  for (const subject& s : legacy_subjects()) subjects.push_back(s);
  for (const subject& s : subjects) {
    if (is_random(s)) continue;
    const order_row row = check_orders(s);
    all += with_options(s) + std::to_string(s.order);
    for (const spread& over : row.graded) all += " | " + text(over);
    all += " | " + text(row.plain) + " |\n";
  }
  all += random_head;
  const auto order = [](int tested) { return tested == 0 ? std::string("-") : std::to_string(tested); };
  for (const subject& s : subjects) {
    const law* is = is_random(s) ? law_of(s.name()) : nullptr;
    if (is) all += with_options(s) + order(is->variance) + " | " + order(is->tau2 ? is->drift : 0) + " |\n";
  }
  return all;
}

/// Whether two cells say the same: the same words, or numbers (one, or least .. most) that differ by one in the last
/// digit at most, since a compiler may round one up that another rounds down.
bool same_cell(const std::string& a, const std::string& b) {
  if (a == b) return true;
  double low_a = 0, high_a = 0, low_b = 0, high_b = 0;
  const int in_a = std::sscanf(a.c_str(), "%lf .. %lf", &low_a, &high_a), in_b = std::sscanf(b.c_str(), "%lf .. %lf", &low_b, &high_b);
  if (in_a < 1 || in_b < 1) return false;
  if (in_a == 1) high_a = low_a;
  if (in_b == 1) high_b = low_b;
  return std::abs(low_a - low_b) < 0.011 && std::abs(high_a - high_b) < 0.011;
}

bool agree(const std::string& a, const std::string& b) {
  std::istringstream from_a(a), from_b(b);
  std::string cell_a, cell_b;
  while (std::getline(from_a, cell_a, '|'))
    if (!std::getline(from_b, cell_b, '|') || !same_cell(cell_a, cell_b)) return false;
  return !std::getline(from_b, cell_b, '|');
}

std::string read(const char* path) {
  std::ifstream from(path);
  std::ostringstream all;
  all << from.rdbuf();
  return all.str();
}

}  // namespace

TEST_CASE("every method has the order it claims, on every path, for every prediction, and docs/orders.md says so") {
  if (is_short()) {
    for (const subject& s : subjects_to_measure())
      if (!is_random(s)) check_orders(s);
    return;
  }
  const std::string now = table(), before = read(page);
  if (agree(now, before)) return;
  if (std::getenv("DIFFODE_UPDATE_DOCS")) {
    std::ofstream(page) << now;
    return;
  }
  FAIL("docs/orders.md is not what was measured; run test_conformance with DIFFODE_UPDATE_DOCS=1 to write it. Measured:\n" << now);
}

TEST_CASE("the comparison with the page sees changes") {
  CHECK(agree("| 2.00 | a |", "| 2.01 | a |"));
  CHECK(agree("| 2.00 .. 2.01 |", "| 2.00 |"));
  CHECK_FALSE(agree("| 2.00 | a |", "| 2.02 | a |"));
  CHECK_FALSE(agree("| 2.00 | a |", "| 2.00 | b |"));
  CHECK_FALSE(agree("| a |", "| a | b |"));
  CHECK_FALSE(agree("| a | b |", "| a |"));
}

TEST_CASE("a wrong claim of order is noticed") {
  const subject published = subject_of(diffode::dpmpp_3m{.weights = diffode::curvature::published});
  // It computes half of the third-order term: order 2, and not the 3 of its name.
  const measured m = order_of(published, families()[0], told::eps);
  CHECK(m.order < 2.15);
  CHECK(m.order > 1.85);
  const subject broken = subject_of(diffode::unipc{.form = diffode::unified::vary_coeff});
  CHECK(order_of(broken, families()[0], told::eps).order < 1.15);
}

TEST_CASE("the graded start grows from h^3 to h and fills the range") {
  for (const family& f : families()) {
    const diffode::grid g = f.graded(100);
    const double h = g[g.size() - 1].lambda - g[g.size() - 2].lambda, first = g[1].lambda - g[0].lambda;
    CHECK(first <= h * h * h * 1.2);
    CHECK(first >= h * h * h * 0.2);
    for (std::size_t i = 2; i < g.size(); ++i) {
      const double ratio = (g[i].lambda - g[i - 1].lambda) / (g[i - 1].lambda - g[i - 2].lambda);
      // Differences of lambdas of size 5, of which the smallest is 1e-5: relative 1e-10.
      CHECK(ratio > 1 - 1e-9);
      CHECK(ratio < 2 + 1e-9);
    }
  }
}

TEST_CASE("the perfect model and the exact flow belong together") {
  const mixture data;
  for (const family& f : families()) {
    const diffode::level<> a = f.path.at(0.5 * (f.from + f.to));
    for (const double x : {-2.0, -0.3, 0.1, 1.4}) {
      const truth t = data.at(x, a);
      // x = alpha*x0 + sigma*eps, to rounding of numbers of size 20.
      CHECK(std::abs(a.alpha * t.x0 + a.sigma * t.eps - x) < 1e-14 * (1 + a.sigma));
      // dx/dlambda = (d ln sigma/dlambda) x + alpha x0; a symmetric difference has error h^2 = 1e-10 and rounding
      // 1e-16/h = 1e-11, times derivatives of size 10.
      const double h = 1e-5;
      const diffode::level<> up = f.path.at_lambda(a.lambda + h), down = f.path.at_lambda(a.lambda - h);
      const double slope = (data.flow(x, a, up) - data.flow(x, a, down)) / (2 * h);
      const double expected = (std::log(up.sigma) - std::log(down.sigma)) / (2 * h) * x + a.alpha * t.x0;
      CHECK(std::abs(slope - expected) < 1e-8 * (1 + a.sigma));
    }
    const double there = data.flow(0.7, f.path.at(f.from), f.path.at(f.to));
    CHECK(std::abs(data.flow(there, f.path.at(f.to), f.path.at(f.from)) - 0.7) < 1e-11);
  }
}
