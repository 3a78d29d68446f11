// SPDX-License-Identifier: MIT
#include "diffode/search/compensated.hpp"

#include "catch.hpp"
#include "diffode/search/fit_compensation.hpp"
#include "diffode/search/objectives.hpp"
#include "diffode/search/table_of.hpp"
#include "search/vp_a.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

template <class M>
std::vector<double> samples(const M& how, const dd::grid& g) {
  std::vector<double> x = quantiles(g.front(), 30);
  dd::sample(how, g, dd::eps(vp_a_model{}), x);
  return x;
}

double apart(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::fmax(worst, std::abs(a[i] - b[i]));
  return worst;
}

/// DPM-Solver++(2M) with the compensation done on values, in a loop.
double compensated_2m(const dd::grid& g, double x, const std::vector<double>& rho, bool kept) {
  std::vector<double> raw, buffer;
  const mixture data = vp_a_data();
  for (std::size_t n = 0; n + 1 < g.size(); ++n) {
    const dd::level<>&s = g[n], &t = g[n + 1];
    raw.push_back(data.at(x, s).x0);
    buffer.push_back(raw.back());
    const std::vector<double>& past = kept ? buffer : raw;
    if (n > 0) {
      const double here = rho[n] * s.t + (1 - rho[n]) * g[n - 1].t;
      const std::size_t points = std::min<std::size_t>(n + 1, 3);
      double sum = 0;
      for (std::size_t q = 0; q < points; ++q) {
        double w = 1;
        for (std::size_t k = 0; k < points; ++k)
          if (k != q) w *= (here - g[n - k].t) / (g[n - q].t - g[n - k].t);
        sum += w * (q == 0 ? raw[n] : past[n - q]);
      }
      buffer[n] = sum;
    }
    const double h = t.lambda - s.lambda, e = -std::expm1(-h);
    const double slope = n == 0 ? 0 : (buffer[n] - past[n - 1]) / (s.lambda - g[n - 1].lambda);
    x = t.sigma / s.sigma * x + t.alpha * e * (buffer[n] + 0.5 * h * slope);
  }
  return x;
}

template <class T>
std::string message(const dd::result<T>& r) {
  return r ? "accepted" : r.reason()->what();
}

}  // namespace

TEST_CASE("the table of a method runs as the method does") {
  const dd::grid g = vp_a_grid(9);
  for (const auto target : {dd::prediction::x0, dd::prediction::eps}) {
    const auto check = [&](const auto& how, double bound) {
      const dd::coefficient_table table = dd::table_of(how, g, target);
      INFO(how.name);
      CHECK(apart(samples(table, g), samples(how, g)) < bound);
    };
    // Rows are differences of numbers that grow along the run where the target is not the method's own.
    check(dd::ddim{}, 1e-11);
    check(dd::dpmpp_2m{}, 1e-11);
    check(dd::dpmpp_3m{}, 1e-10);
    check(dd::unipc{.p = 3}, 1e-9);
    check(dd::deis{}, 1e-9);
    check(dd::ipndm{}, 1e-9);
  }
  const dd::coefficient_table two = dd::table_of(dd::dpmpp_2m{}, g);
  REQUIRE(two.rows.size() == 9);
  CHECK(two.rows[0].b.size() == 1);
  for (std::size_t n = 1; n < 9; ++n) {
    CHECK(two.rows[n].b.size() == 2);
    CHECK(two.rows[n].b[0] + two.rows[n].b[1] == Approx(-g[n + 1].alpha * std::expm1(g[n].lambda - g[n + 1].lambda)).epsilon(1e-11));
  }
}

TEST_CASE("what is no table is refused") {
  const dd::grid g = vp_a_grid(4);
  CHECK(message(dd::try_table_of(dd::ddim{.eta = 1}, g)) == "table_of: ddim draws noise, needs a deterministic method with one evaluation per step, on the state");
  CHECK(message(dd::try_table_of(dd::heun{}, g)) == "table_of: heun makes 8 evaluations in 4 steps, needs a deterministic method with one evaluation per step, on the state");
  CHECK(message(dd::try_table_of(dd::reversible<dd::heun>{}, g)).find("table_of: reversible carries a second state") == 0);
}

TEST_CASE("with rho = 1 compensation changes nothing, bit by bit") {
  const dd::coefficient_table table = dd::table_of(dd::unipc{.p = 3}, vp_a_grid(8));
  for (const auto which : {dd::compensation::kept, dd::compensation::newest_only})
    for (const int points : {1, 2, 3, 4}) CHECK(dd::compensated(table, {.rho = std::vector<double>(8, 1), .points = points, .which = which}) == table);
}

TEST_CASE("a compensated table runs as the method with compensated predictions does") {
  const dd::grid g = vp_a_grid(7);
  const std::vector<double> rho{1, 0.8, 1.2, 0.95, 1.1, 1.3, 0.7};
  for (const bool kept : {true, false}) {
    const auto which = kept ? dd::compensation::kept : dd::compensation::newest_only;
    const dd::coefficient_table table = dd::compensated(dd::table_of(dd::dpmpp_2m{}, g), {.rho = rho, .which = which});
    std::vector<double> wanted;
    for (const double x : quantiles(g.front(), 30)) wanted.push_back(compensated_2m(g, x, rho, kept));
    CHECK(apart(samples(table, g), wanted) < 1e-10);
  }
}

TEST_CASE("a fitted compensation is better on quantiles that it was not fitted to") {
  for (const int steps : {5, 6, 8, 10}) {
    const dd::grid g = vp_a_grid(steps);
    const dd::coefficient_table table = dd::table_of(dd::dpmpp_2m{}, g);
    const dd::error_to objective{dd::vp_linear{}, dd::eps(vp_a_model{}), quantiles(g.front(), 64), quantiles(g.back(), 64)};
    int asked = 0;
    const auto counted = [&](const dd::coefficient_table& t) { return ++asked, objective(t); };
    const dd::coefficient_table fitted = dd::compensated(table, dd::fit_compensation(table, counted, {.sweeps = 4, .tries = 8}));
    INFO(steps << " evaluations: " << vp_a_error(fitted, g) << " compensated, " << vp_a_error(table, g) << " without");
    CHECK(asked == 1 + (steps - 1) * 4 * 8);
    CHECK(objective(fitted) <= objective(table));
    CHECK(vp_a_error(fitted, g) < 0.8 * vp_a_error(table, g));
  }
}

TEST_CASE("options and tables that make no sense are refused") {
  const dd::coefficient_table table = dd::table_of(dd::dpmpp_2m{}, vp_a_grid(3));
  CHECK(message(dd::try_compensated(table, {.rho = {1, 1}})) == "compensated: number of rho is 2, needs one for each step, 3");
  CHECK(message(dd::try_compensated(table, {.rho = {1, 1, std::nan("")}})) == "compensated: rho[2] is nan, needs a number from -100 to 100");
  CHECK(message(dd::try_compensated(table, {.rho = {1, 1, 1}, .points = 9})) == "compensated: points is 9, needs 1 to 8");
  const auto nothing = [](const dd::coefficient_table&) { return 0.0; };
  CHECK(message(dd::try_fit_compensation(table, nothing, {.points = 0})) == "compensated: points is 0, needs 1 to 8");
  CHECK(message(dd::try_fit_compensation(table, nothing, {.reach = 0})) == "fit_compensation: reach is 0, needs a number above 0 and at most 10");
  CHECK(message(dd::try_fit_compensation(table, nothing, {.sweeps = 0})) == "fit_compensation: sweeps is 0, needs 1 to 1000");
  CHECK(message(dd::try_fit_compensation(table, nothing, {.tries = 1})) == "fit_compensation: tries is 1, needs 2 to 1000");
  dd::coefficient_table bare = table;
  bare.times.clear();
  CHECK(message(dd::try_compensated(bare, {.rho = {1, 1, 1}})) == "compensated: number of times of the table is 0, needs 4");
  bare.times = {1, 0.5, 0.5, 0};
  CHECK(message(dd::try_compensated(bare, {.rho = {1, 1, 1}})) == "compensated: time 2 is 0.5 like the one before, needs another");
}
