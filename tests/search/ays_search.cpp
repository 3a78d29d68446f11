// SPDX-License-Identifier: MIT
#include "diffode/search/ays_search.hpp"

#include "catch.hpp"
#include "diffode/model/bound.hpp"
#include "diffode/schedule/ve.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

constexpr double c = 0.5;  // deviation of the data, which are normal with mean 0

/// E |D(x_t) - D(x_s)|^2 of the perfect model, for t < s on one noising path.
double lemma(double t, double s) { return std::pow(c, 4) * (1 / (t * t + c * c) - 1 / (s * s + c * c)); }

/// What a step from `from` down to `to` adds to the bound: the integral of t^-3 lemma(t, from), in closed form.
double klub_step(double from, double to) {
  const auto integral = [&](double t) {
    const double u = t * t;
    return 0.5 * (std::log1p(c * c / u) + std::pow(c, 4) / u * (1 / (from * from + c * c) - 1 / (c * c)));
  };
  return integral(from) - integral(to);
}

/// The bound of a list of falling t.
double klub(const std::vector<double>& t) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < t.size(); ++i) sum += klub_step(t[i], t[i + 1]);
  return sum;
}

/// The same list with every t between its ends where the bound is least, found by descent: one t after another, by golden
/// sections, until none moves any more.
std::vector<double> descended(std::vector<double> t) {
  const double golden = 0.5 * (std::sqrt(5.0) - 1);
  for (double before = HUGE_VAL; klub(t) < before * (1 - 1e-9);) {
    before = klub(t);
    for (std::size_t i = 1; i + 1 < t.size(); ++i) {
      double low = t[i + 1], high = t[i - 1];
      const auto both = [&](double here) { return klub_step(t[i - 1], here) + klub_step(here, t[i + 1]); };
      for (int k = 0; k < 60; ++k) {
        const double ratio = std::pow(high / low, golden), left = high / ratio, right = low * ratio;
        (both(left) < both(right) ? high : low) = both(left) < both(right) ? right : left;
      }
      t[i] = std::sqrt(low * high);
    }
  }
  return t;
}

std::vector<double> log_spaced(double from, double to, int steps) {
  std::vector<double> all;
  for (int i = 0; i <= steps; ++i) all.push_back(from * std::pow(to / from, static_cast<double>(i) / steps));
  return all;
}

std::vector<double> chosen_by_lemma(const std::vector<double>& fine, int steps) {
  const auto squared = [&](std::size_t i, std::size_t k) { return lemma(fine[k], fine[i]); };
  std::vector<double> t;
  for (const int k : dd::try_ays_points(fine, squared, {.steps = steps}).value()) t.push_back(fine[static_cast<std::size_t>(k)]);
  return t;
}

}  // namespace

TEST_CASE("for normal data ten steps from 80 to 0.002 have the least bound that there is, and equal steps in lambda much more") {
  CHECK(lemma(0.3, 1.1) == Approx(0.14101531).epsilon(1e-7));
  const std::vector<double> even = log_spaced(80, 0.002, 10), least = descended(even);
  CHECK(klub(even) == Approx(11.73).epsilon(0.0005));
  // Points of the fine grid are off the best by half its step at most, 0.9% of t; around a minimum that counts squared.
  const double found = klub(chosen_by_lemma(log_spaced(80, 0.002, 600), 10));
  INFO(found << " found, " << klub(least) << " by descent");
  CHECK(found > klub(least) * (1 - 1e-9));
  CHECK(found < klub(least) * 1.002);
}

TEST_CASE("on a model and data it finds nearly the bound that the closed form finds") {
  std::mt19937 draw(41);
  std::normal_distribution<double> normal(0, c);
  std::vector<double> data(4000);
  for (double& v : data) v = normal(draw);
  const auto net = [](std::span<const double> x, const dd::level<>& at, std::span<double> out) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = at.alpha * c * c * x[i] / (at.alpha * at.alpha * c * c + at.sigma * at.sigma);
  };
  for (const dd::noise_path& path : {dd::noise_path(dd::ve{}), dd::noise_path(dd::vp_linear{})}) {
    std::vector<dd::level<>> levels;
    const std::vector<double> fine = log_spaced(60, 0.01, 60);
    for (const double rho : fine) levels.push_back(path.at_lambda(-std::log(rho)));
    const dd::grid found = dd::ays_search(dd::from_levels(path, levels), dd::x0(net), data, {.steps = 8}, data.size());
    REQUIRE(found.steps() == 8);
    std::vector<double> t;
    for (const dd::level<>& l : found) t.push_back(dd::rho(l));
    INFO(path.name << ": " << klub(t) << ", closed form " << klub(chosen_by_lemma(fine, 8)) << ", equal steps " << klub(log_spaced(60, 0.01, 8)));
    CHECK(klub(t) < 1.02 * klub(chosen_by_lemma(fine, 8)));
    CHECK(klub(t) < 0.9 * klub(log_spaced(60, 0.01, 8)));
  }
}

TEST_CASE("what can not be aligned is refused") {
  const auto squared = [](std::size_t, std::size_t) { return 1.0; };
  const auto refusal = [&](const std::vector<double>& rho) { return std::string(dd::try_ays_points(rho, squared, {.steps = 2}).reason()->what()); };
  CHECK(refusal({3, 1, 0}) == "ays_search: sigma/alpha of level 2 is 0, needs finite numbers above 0 that fall");
  CHECK(refusal({3, 4, 1}) == "ays_search: sigma/alpha of level 1 is 4, needs finite numbers above 0 that fall");
  CHECK(refusal({3}) == "ays_search: number of fine levels is 1, needs at least 2");
  CHECK(refusal({3, 1}) == "ays_search: steps is 2, needs 1 to 1, the steps of the fine grid");
}

TEST_CASE("predictions that are no numbers, or further apart than numbers go, are refused where they are met") {
  const auto refusal = [](double square) {
    const auto squared = [&](std::size_t i, std::size_t k) { return i == 1 && k == 3 ? square : 1.0; };
    const auto chosen = dd::try_ays_points(std::vector<double>{4, 3, 2, 1e-3}, squared, {.steps = 2});
    return chosen ? std::string("accepted") : std::string(chosen.reason()->what());
  };
  const std::string begin = "ays_search: squared difference of what is predicted at levels 1 and 3 is ", end = ", needs a number from 0, finite over (sigma/alpha)^2 too";
  CHECK(refusal(1) == "accepted");
  CHECK(refusal(std::nan("")) == begin + "nan" + end);
  CHECK(refusal(HUGE_VAL) == begin + "inf" + end);
  CHECK(refusal(-1) == begin + "-1" + end);
  CHECK(refusal(1e306) == begin + "1e+306" + end);
  // The same from a model that knows no answer below some noise.
  const auto net = [](std::span<const double> x, const dd::level<>& at, std::span<double> out) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = at.sigma < 0.5 ? std::nan("") : 0;
  };
  const dd::noise_path path = dd::ve{};
  std::vector<dd::level<>> levels;
  for (const double rho : {4.0, 2.0, 1.0, 0.1}) levels.push_back(path.at_lambda(-std::log(rho)));
  const auto found = dd::try_ays_search(dd::from_levels(path, levels), dd::x0(net), std::vector<double>(8, 0.5), {.steps = 2}, 8);
  REQUIRE_FALSE(found);
  CHECK(found.reason()->what() == "ays_search: squared difference of what is predicted at levels 0 and 3 is nan" + end);
}
