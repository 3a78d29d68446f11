// SPDX-License-Identifier: MIT
#include "diffode/core/adaptive_quadrature.hpp"

#include "catch.hpp"

#include <array>
#include <cmath>
#include <vector>

using namespace diffode;

TEST_CASE("polynomials of degree 13 are integrated in one panel, both rules being exact, and in either direction") {
  for (int k = 0; k <= 13; ++k) {
    int asked = 0;
    const auto f = [&](double x) {
      ++asked;
      return std::array<double, 1>{std::pow(x, k)};
    };
    // 15 terms of size 1 and their weights, rounded.
    CHECK(integral<1>(f, 0.0, 1.0, 1e-14)[0] == Approx(1. / (k + 1)).epsilon(2e-15));
    CHECK(asked == 15);
    CHECK(integral<1>(f, 1.0, 0.0, 1e-14)[0] == Approx(-1. / (k + 1)).epsilon(2e-15));
  }
}

TEST_CASE("the fine rule is exact up to degree 22") {
  const auto f = [](double x) { return std::array<double, 1>{std::pow(x, 22)}; };
  CHECK(integral<1>(f, -1.0, 1.0, 1.0)[0] == Approx(2. / 23).epsilon(1e-14));
}

TEST_CASE("several functions at once, with kinks and steep ends") {
  for (const double kink : {0.3, 0.77777, 0.001}) {
    const auto f = [&](double x) { return std::array<double, 3>{std::abs(x - kink), std::exp(-20 * x), std::abs(x - kink) * x}; };
    const auto I = integral<3>(f, 0.0, 1.0, 1e-15);
    CHECK(std::abs(I[0] - (kink * kink + (1 - kink) * (1 - kink)) / 2) <= 1e-14);
    CHECK(std::abs(I[1] - -std::expm1(-20.0) / 20) <= 1e-14);
    // int |x - c| x = int (x - c) x + 2 int_0^c (c - x) x = 1/3 - c/2 + c^3/3
    CHECK(std::abs(I[2] - (1. / 3 - kink / 2 + kink * kink * kink / 3)) <= 1e-14);
  }
}

TEST_CASE("every lane has the result that it has alone, bit for bit") {
  const lanes from({0.0, 1.0, 0.5}), to({1.0, -1.0, 0.7});
  const auto f = [](auto x) {
    auto g = each([](double v) { return std::abs(v - 0.31) + std::exp(v); }, x);
    return std::array<decltype(g), 2>{g, g * x};
  };
  const auto all = integral<2>(f, from, to, lanes(1e-15));
  for (std::size_t l = 0; l < 3; ++l) {
    const auto alone = integral<2>(f, from[l], to[l], 1e-15);
    CHECK(all[0][l] == alone[0]);
    CHECK(all[1][l] == alone[1]);
  }
}

TEST_CASE("it ends where nothing can be resolved") {
  const auto noise = [](double x) { return std::array<double, 1>{std::sin(1e9 * x)}; };
  CHECK(std::abs(integral<1>(noise, 0.0, 1.0, 1e-18)[0]) < 1);
  const auto bad = [](double x) { return std::array<double, 1>{x / 0.0 - x / 0.0}; };
  CHECK(std::isnan(integral<1>(bad, 0.0, 1.0, 1e-15)[0]));
}
