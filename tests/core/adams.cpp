// SPDX-License-Identifier: MIT
#include "diffode/core/adams.hpp"

#include "catch.hpp"

#include <cmath>
#include <random>
#include <span>
#include <vector>

using namespace diffode;

namespace {

/// Distances behind, 0 first, of `n` slopes with random steps before them; negative, as along rho.
std::vector<double> distances(std::mt19937& draw, std::size_t n) {
  std::uniform_real_distribution<double> step(0.2, 3);
  std::vector<double> d{0};
  while (d.size() < n) d.push_back(d.back() - step(draw));
  return d;
}

double moment(const node_weights<double>& w, std::span<const double> d, int k) {
  double sum = 0;
  for (std::size_t j = 0; j < d.size(); ++j) sum += w[j] * std::pow(-d[j], k);
  return sum;
}

double size(const node_weights<double>& w, std::span<const double> d, int k) {
  double sum = 0;
  for (std::size_t j = 0; j < d.size(); ++j) sum += std::abs(w[j]) * std::pow(std::abs(d[j]), k);
  return sum;
}

}  // namespace

TEST_CASE("exact weights are the golden ones of nodes 10, 6, 3.5, 2 and a step to 1.2") {
  const std::vector<double> d{0, -1.5, -4, -8};
  const auto weights = [&](std::size_t n) { return adams_weights<double>(adams::exact, -0.8, std::span(d).first(n)); };
  const auto two = weights(2), three = weights(3), four = weights(4);
  CHECK(two[0] == Approx(-1.013333333333333).epsilon(1e-14));
  CHECK(two[1] == Approx(0.2133333333333333).epsilon(1e-14));
  CHECK(three[0] == Approx(-1.121777777777778).epsilon(1e-14));
  CHECK(three[1] == Approx(0.3868444444444444).epsilon(1e-14));
  CHECK(three[2] == Approx(-0.06506666666666667).epsilon(1e-14));
  CHECK(four[0] == Approx(-1.183466666666667).epsilon(1e-14));
  CHECK(four[1] == Approx(0.5083241025641026).epsilon(1e-14));
  CHECK(four[2] == Approx(-0.1390933333333333).epsilon(1e-14));
  CHECK(four[3] == Approx(0.01423589743589744).epsilon(1e-14));
}

TEST_CASE("exact weights integrate polynomials through all nodes") {
  std::mt19937 draw(1);
  for (int turn = 0; turn < 500; ++turn)
    for (std::size_t n = 1; n <= max_nodes; ++n) {
      const std::vector<double> d = distances(draw, n);
      const double length = -1.3;
      const auto w = adams_weights<double>(adams::exact, length, d);
      for (int k = 0; k < static_cast<int>(n); ++k)  // a few roundings of each weight
        CHECK(std::abs(moment(w, d, k) - std::pow(length, k + 1) / (k + 1)) <= 1e-14 * size(w, d, k) + 1e-15);
    }
}

TEST_CASE("the rows for equal steps are the exact weights of equal steps, and ipndm_v's for three of them") {
  for (std::size_t n = 1; n <= 4; ++n) {
    std::vector<double> d;
    for (std::size_t k = 0; k < n; ++k) d.push_back(-0.7 * static_cast<double>(k));
    const auto exact = adams_weights<double>(adams::exact, -0.7, d), rows = adams_weights<double>(adams::uniform, -0.7, d);
    for (std::size_t j = 0; j < n; ++j) CHECK(rows[j] == Approx(exact[j]).epsilon(1e-13));
    const auto published = adams_weights<double>(adams::ipndm_v, -0.7, d);
    for (std::size_t j = 0; j < n && n < 4; ++j) CHECK(published[j] == Approx(exact[j]).epsilon(1e-13));
    if (n < 4) continue;
    const double row[] = {57. / 24, -65. / 24, 43. / 24, -11. / 24};
    for (std::size_t j = 0; j < 4; ++j) CHECK(published[j] == Approx(-0.7 * row[j]).epsilon(1e-13));
  }
}

TEST_CASE("ipndm_v is exact for two slopes; for three it misses the curvature, and four do not sum to the step") {
  std::mt19937 draw(2);
  for (int turn = 0; turn < 100; ++turn) {
    const double h = -0.8;
    const std::vector<double> d = distances(draw, 4);
    const auto nodes = [&](std::size_t n) { return std::span(d).first(n); };
    const auto two = adams_weights<double>(adams::ipndm_v, h, nodes(2)), right = adams_weights<double>(adams::exact, h, nodes(2));
    CHECK(two[0] == Approx(right[0]).epsilon(1e-13));
    CHECK(two[1] == Approx(right[1]).epsilon(1e-13));
    const auto three = adams_weights<double>(adams::ipndm_v, h, nodes(3));
    CHECK(std::abs(moment(three, nodes(3), 0) - h) <= 1e-13 * size(three, nodes(3), 0));
    CHECK(std::abs(moment(three, nodes(3), 1) - h * h / 2) <= 1e-13 * size(three, nodes(3), 1));
  }
  const std::vector<double> d{0, -1.5, -4, -8};
  const auto three = adams_weights<double>(adams::ipndm_v, -0.8, std::span(d).first(3)), four = adams_weights<double>(adams::ipndm_v, -0.8, d);
  CHECK(std::abs(moment(three, std::span(d).first(3), 2) + 0.8 * 0.8 * 0.8 / 3) > 0.1);
  CHECK(std::abs(moment(four, d, 0) + 0.8) > 5e-4);
}

TEST_CASE("lanes get the weights of their own steps") {
  const std::vector<lanes> d{lanes(0), lanes({-1.5, -2.0}), lanes({-4.0, -3.0}), lanes({-8.0, -9.0})};
  for (const adams how : {adams::exact, adams::uniform, adams::ipndm_v}) {
    const auto both = adams_weights<lanes>(how, lanes({-0.8, -0.5}), d);
    for (std::size_t l = 0; l < 2; ++l) {
      std::vector<double> alone;
      for (const lanes& v : d) alone.push_back(v[l]);
      const auto w = adams_weights<double>(how, l == 0 ? -0.8 : -0.5, alone);
      for (std::size_t j = 0; j < 4; ++j) CHECK(both[j][l] == w[j]);
    }
  }
}
