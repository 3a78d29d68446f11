// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace diffode {

/// An explicit Runge-Kutta method: slope i is taken at the fraction c_i of the step, on y + h sum_{j<i} a_ij d_j, and the
/// step ends at y + h sum_i b_i d_i.
///
/// Source  Butcher 2016, Numerical Methods for Ordinary Differential Equations, section 31; which one comes from where
///         stands beside each. Names in brackets are those of rho-RK in Zhang, Chen 2022, arXiv:2204.13902
/// Your own  designated initialisers, as below; `check` refuses what is no explicit method or not of its order, as far as it looks
struct butcher_tableau {
  std::vector<double> c;     ///< nodes; c[0] = 0
  std::vector<double> a;     ///< row after row: row i has i entries, which sum to c[i]
  std::vector<double> b;     ///< sums to 1
  int order = 1;
  std::vector<double> low{}; ///< weights of a result of lower order, for an estimate of the error; may be empty

  std::size_t stages() const { return b.size(); }
  std::span<const double> row(std::size_t i) const { return {a.data() + i * (i - 1) / 2, i}; }
  /// How many slopes the result needs: slopes after these serve the estimate alone.
  std::size_t needed() const { return last_used(b); }
  std::size_t estimate_needs() const { return last_used(low); }

  /// Euler's ("1euler").
  static butcher_tableau euler() { return {.c = {0}, .a = {}, .b = {1}, .order = 1}; }
  /// Heun's, the trapezoidal rule ("2heun"), with Euler's as estimate.
  static butcher_tableau heun2() { return {.c = {0, 1}, .a = {1}, .b = {0.5, 0.5}, .order = 2, .low = {1, 0}}; }
  /// The midpoint rule, with Euler's as estimate.
  static butcher_tableau midpoint() { return {.c = {0, 0.5}, .a = {0.5}, .b = {0, 1}, .order = 2, .low = {1, 0}}; }
  /// Kutta 1901 ("3kutta").
  static butcher_tableau kutta3() { return {.c = {0, 0.5, 1}, .a = {0.5, -1, 2}, .b = {1. / 6, 4. / 6, 1. / 6}, .order = 3}; }
  /// Ralston 1962 ("3ral"), with the midpoint rule as estimate.
  static butcher_tableau ralston3() {
    return {.c = {0, 0.5, 0.75}, .a = {0.5, 0, 0.75}, .b = {2. / 9, 1. / 3, 4. / 9}, .order = 3, .low = {0, 1, 0}};
  }
  /// Heun 1900 ("3heun").
  static butcher_tableau heun3() {
    return {.c = {0, 1. / 3, 2. / 3}, .a = {1. / 3, 0, 2. / 3}, .b = {0.25, 0, 0.75}, .order = 3};
  }
  /// Van der Houwen, Wray ("3vdh").
  static butcher_tableau houwen3() {
    return {.c = {0, 8. / 15, 2. / 3}, .a = {8. / 15, 0.25, 5. / 12}, .b = {0.25, 0, 0.75}, .order = 3};
  }
  /// Shu, Osher 1988: strong stability preserving ("3ssprk").
  static butcher_tableau ssp3() { return {.c = {0, 1, 0.5}, .a = {1, 0.25, 0.25}, .b = {1. / 6, 1. / 6, 2. / 3}, .order = 3}; }
  /// Kutta 1901, the classical method ("4rk").
  static butcher_tableau kutta4() {
    return {.c = {0, 0.5, 0.5, 1}, .a = {0.5, 0, 0.5, 0, 0, 1}, .b = {1. / 6, 1. / 3, 1. / 3, 1. / 6}, .order = 4};
  }
  /// Bogacki, Shampine 1989: 3(2). The estimate needs a fourth slope, at the end of the step.
  static butcher_tableau bogacki_shampine() {
    return {.c = {0, 0.5, 0.75, 1}, .a = {0.5, 0, 0.75, 2. / 9, 1. / 3, 4. / 9}, .b = {2. / 9, 1. / 3, 4. / 9, 0}, .order = 3,
            .low = {7. / 24, 0.25, 1. / 3, 0.125}};
  }
  /// Cash, Karp 1990: 5(4), an estimate from the six slopes of the result.
  static butcher_tableau cash_karp() {
    return {.c = {0, 0.2, 0.3, 0.6, 1, 0.875},
            .a = {0.2,
                  3. / 40, 9. / 40,
                  0.3, -0.9, 1.2,
                  -11. / 54, 2.5, -70. / 27, 35. / 27,
                  1631. / 55296, 175. / 512, 575. / 13824, 44275. / 110592, 253. / 4096},
            .b = {37. / 378, 0, 250. / 621, 125. / 594, 0, 512. / 1771}, .order = 5,
            .low = {2825. / 27648, 0, 18575. / 48384, 13525. / 55296, 277. / 14336, 0.25}};
  }
  /// Dormand, Prince 1980: 5(4). The estimate needs a seventh slope, at the end of the step.
  static butcher_tableau dormand_prince() {
    return {.c = {0, 0.2, 0.3, 0.8, 8. / 9, 1, 1},
            .a = {0.2,
                  3. / 40, 9. / 40,
                  44. / 45, -56. / 15, 32. / 9,
                  19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729,
                  9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656,
                  35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
            .b = {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0}, .order = 5,
            .low = {5179. / 57600, 0, 7571. / 16695, 393. / 640, -92097. / 339200, 187. / 2100, 1. / 40}};
  }

  /// Nothing, or why this is no explicit method of its order (all conditions up to order 4; above, those of b and c alone).
  fault check(std::string_view who) const {
    using detail::refuse;
    const std::size_t n = stages();
    if (n == 0) return refuse(errc::bad_method, who, ": b of the tableau is empty, needs a weight for each stage");
    if (c.size() != n || (!low.empty() && low.size() != n))
      return refuse(errc::bad_method, who, ": the tableau has ", c.size(), " nodes c and ", low.size(),
                    " weights low, needs as many as weights b, ", n, " (low may be empty)");
    if (a.size() != n * (n - 1) / 2)
      return refuse(errc::bad_method, who, ": the tableau has ", a.size(), " entries a, needs ", n * (n - 1) / 2,
                    ": in row i one for each of the i earlier slopes");
    for (std::size_t i = 0; i < n; ++i) {
      if (!near(sum(row(i)), c[i]))
        return refuse(errc::bad_method, who, ": row ", i, " of the tableau sums to ", sum(row(i)), ", needs its node c = ", c[i]);
      if (!(c[i] >= 0 && c[i] <= 1)) return refuse(errc::bad_method, who, ": node ", i, " of the tableau is ", c[i], ", needs a number from 0 to 1");
    }
    if (!low.empty() && !near(sum(low), 1)) return refuse(errc::bad_method, who, ": low of the tableau sums to ", sum(low), ", needs 1");
    if (order < 1) return refuse(errc::bad_method, who, ": order of the tableau is ", order, ", needs 1 or more");
    for (int k = 1; k <= order; ++k)
      if (const double moment = moment_of(k); !near(moment, 1. / k))
        return refuse(errc::bad_method, who, ": sum of b c^", k - 1, " of the tableau is ", moment, ", needs 1/", k, " for order ", order);
    return check_rows(who);
  }

 private:
  /// The conditions of order 3 and 4 that the rows have to meet; of higher orders there are too many to be worth it.
  fault check_rows(std::string_view who) const {
    const std::size_t n = stages();
    std::vector<double> ac(n), acc(n), aac(n);
    double sums[4]{};
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double entry = row(i)[j];
        ac[i] += entry * c[j];
        acc[i] += entry * c[j] * c[j];
        aac[i] += entry * ac[j];
      }
      const double terms[] = {ac[i], c[i] * ac[i], acc[i], aac[i]};
      for (std::size_t k = 0; k < 4; ++k) sums[k] += b[i] * terms[k];
    }
    constexpr int wanted[] = {6, 8, 12, 24}, of_order[] = {3, 4, 4, 4};
    constexpr const char* names[] = {"b a c", "b c a c", "b a c^2", "b a a c"};
    for (std::size_t k = 0; k < 4; ++k)
      if (order >= of_order[k] && !near(sums[k], 1. / wanted[k]))
        return detail::refuse(errc::bad_method, who, ": sum of ", names[k], " of the tableau is ", sums[k], ", needs 1/", wanted[k], " for order ", of_order[k]);
    return {};
  }
  static bool near(double x, double wanted) { return std::abs(x - wanted) <= 1e-12; }
  static double sum(std::span<const double> row) {
    double all = 0;
    for (const double v : row) all += v;
    return all;
  }
  double moment_of(int k) const {
    double all = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      double power = b[i];
      for (int j = 1; j < k; ++j) power *= c[i];
      all += power;
    }
    return all;
  }
  static std::size_t last_used(std::span<const double> weights) {
    std::size_t n = weights.size();
    while (n > 1 && weights[n - 1] == 0) --n;
    return n;
  }
};

}  // namespace diffode
