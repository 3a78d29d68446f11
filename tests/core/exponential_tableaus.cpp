// SPDX-License-Identifier: MIT
#include "diffode/core/exponential_tableaus.hpp"

#include "catch.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using namespace diffode;

namespace {

struct named {
  std::string name;
  exponential_tableau table;
  int quadrature;  ///< how many of the conditions sum_i b_i c_i^k = k! phi_(k+1), k = 0, 1, ..., hold for every z
};

std::vector<named> all() {
  return {{"etd2rk", etd2rk(), 2},          {"etd2rk(0.4)", etd2rk(0.4), 2},
          {"etd3rk", etd3rk(), 3},          {"stiff_3", stiff_3(), 2},
          {"stiff_3(0.5)", stiff_3(0.5), 2}, {"cox_matthews_4", cox_matthews_4(), 3},
          {"krogstad_4", krogstad_4(), 3},  {"strehmel_weiner_4", strehmel_weiner_4(), 3},
          {"hochbruck_ostermann_4", hochbruck_ostermann_4(), 3}};
}

using weights = std::array<double, max_stages>;

/// a_ij(z) and, in the last row, b_j(z).
std::vector<weights> rows(const exponential_tableau& t, double z) {
  std::vector<weights> all;
  const prediction form = z < 0 ? prediction::x0 : prediction::eps;
  const double h = std::abs(z);
  for (int i = 0; i <= t.stages(); ++i) {
    const bool last = i == t.stages();
    weights w = row_weights(t, i, form, h, last ? 1. : t.nodes[static_cast<std::size_t>(i)]);
    for (double& v : w) v /= h;
    all.push_back(w);
  }
  return all;
}

}  // namespace

TEST_CASE("at z = 0 every tableau is a classical method of the order it says, by the conditions of its trees") {
  for (const named& n : all()) {
    const double z = 1e-9;  // the conditions then hold up to a few z
    const std::vector<weights> a = rows(n.table, z);
    const std::size_t s = n.table.nodes.size();
    const weights& b = a[s];
    const auto c = [&](std::size_t i) { return n.table.nodes[i]; };
    double b1 = 0, bc = 0, bc2 = 0, bac = 0, bc3 = 0, bcac = 0, bac2 = 0, baac = 0;
    for (std::size_t i = 0; i < s; ++i) {
      b1 += b[i], bc += b[i] * c(i), bc2 += b[i] * c(i) * c(i), bc3 += b[i] * std::pow(c(i), 3);
      for (std::size_t j = 0; j < i; ++j) {
        bac += b[i] * a[i][j] * c(j), bcac += b[i] * c(i) * a[i][j] * c(j), bac2 += b[i] * a[i][j] * c(j) * c(j);
        for (std::size_t k = 0; k < j; ++k) baac += b[i] * a[i][j] * a[j][k] * c(k);
      }
    }
    INFO(n.name);
    const double near = 1e-8;
    CHECK(std::abs(b1 - 1) < near);
    CHECK(std::abs(bc - 1. / 2) < near);
    const bool third = std::abs(bc2 - 1. / 3) < near && std::abs(bac - 1. / 6) < near;
    const bool fourth = third && std::abs(bc3 - 1. / 4) < near && std::abs(bcac - 1. / 8) < near && std::abs(bac2 - 1. / 12) < near &&
                        std::abs(baac - 1. / 24) < near;
    CHECK(third == (n.table.order >= 3));
    CHECK(fourth == (n.table.order >= 4));
  }
}

TEST_CASE("rows sum to c phi_1(c z), and the step's row integrates as many powers as it should, for every z") {
  for (const named& n : all())
    for (const double z : {-8., -2., -0.3, 0.4, 3.}) {
      const std::vector<weights> a = rows(n.table, z);
      const std::size_t s = n.table.nodes.size();
      INFO(n.name << " at z = " << z);
      for (std::size_t i = 1; i <= s; ++i) {
        const double c = i == s ? 1 : n.table.nodes[i];
        double sum = 0, size = 0;
        for (const double w : a[i]) sum += w, size += std::abs(w);
        CHECK(std::abs(sum - c * phi(1, c * z)) <= 1e-14 * size);
      }
      double factorial = 1;
      for (int k = 0; k < n.quadrature; ++k) {
        double moment = 0, size = 0;
        for (std::size_t i = 0; i < s; ++i) {
          const double part = a[s][i] * std::pow(n.table.nodes[i], k);
          moment += part, size += std::abs(part);
        }
        CHECK(std::abs(moment - factorial * phi(k + 1, z)) <= 1e-14 * (1 + size));
        factorial *= k + 1;
      }
    }
}

TEST_CASE("of stiff order 3 and more, the step leaves no second-order error of its stages behind, for every z") {
  // psi_i = sum_j a_ij c_j - c_i^2 phi_2(c_i z) is how far stage i is from the flow in second order; sum_i b_i psi_i = 0.
  const auto left = [](const exponential_tableau& t, double z) {
    const std::vector<weights> a = rows(t, z);
    double sum = 0;
    for (std::size_t i = 1; i < t.nodes.size(); ++i) {
      double psi = -t.nodes[i] * t.nodes[i] * phi(2, t.nodes[i] * z);
      for (std::size_t j = 0; j < i; ++j) psi += a[i][j] * t.nodes[j];
      sum += a[t.nodes.size()][i] * psi;
    }
    return std::abs(sum);
  };
  for (const double z : {-5., -1., 2.}) {
    for (const exponential_tableau& t : {stiff_3(), stiff_3(0.5), krogstad_4(), strehmel_weiner_4(), hochbruck_ostermann_4()}) CHECK(left(t, z) < 1e-14);
    for (const exponential_tableau& t : {etd3rk(), cox_matthews_4()}) CHECK(left(t, z) > 1e-4);
  }
}
