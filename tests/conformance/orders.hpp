// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace diffode_test {

/// Smallest and largest of some measured orders.
struct spread {
  double least = 1e9, most = -1e9;
  void add(double order) {
    least = std::fmin(least, order);
    most = std::fmax(most, order);
  }
};

/// Root mean square error of a plan's result over nine starts, against the exact flow.
inline double error_of(diffode::plan made, const diffode::grid& g, told what) {
  const mixture data;
  const diffode::level<>&from = g.front(), &to = g.back();
  std::vector<double> x;
  for (const double z : {-2.1, -1.5, -0.7, -0.3, 0.05, 0.5, 0.9, 1.3, 1.7}) x.push_back(std::hypot(from.alpha, from.sigma) * z);
  const std::vector<double> y = run(std::move(made), x, scalar_truth(what));
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += std::pow(y[i] - data.flow(x[i], from, to), 2);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

/// Numbers of steps from which an order is read: errors then lie between 1e-3, where the leading term is all that
/// counts, and 1e-11, a hundred times the rounding of some hundred steps.
inline std::array<int, 2> steps_for(int order) {
  if (order <= 1) return {640, 1280};
  return {160, 320};
}

struct measured {
  double order, error;  ///< error of the finer run
};

template <class MakeGrid, class MakePlan>
measured measure(int order, told what, MakeGrid grid_of, MakePlan plan_of) {
  const auto [coarse, fine] = steps_for(order);
  const diffode::grid g = grid_of(coarse), g2 = grid_of(fine);
  const double e = error_of(plan_of(g, what), g, what), e2 = error_of(plan_of(g2, what), g2, what);
  return {std::log2(e / e2), e2};
}

/// The order of a method at full order to the end, started so that its low-order first steps do not count.
inline measured order_of(const subject& s, const family& f, told what) {
  return measure(s.order, what, [&](int n) { return f.graded(n); }, [&](const diffode::grid& g, told w) { return s.plan_full(g, {{w}}); });
}

/// What a user of a plain grid sees: with all first and last steps as the method's own options have them.
inline measured plain_order_of(const subject& s, const family& f, told what) {
  return measure(s.order, what, [&](int n) { return f.uniform(n); }, [&](const diffode::grid& g, told w) { return s.on(g, w); });
}

/// Measures a subject on every family and prediction; checks the claim.
struct order_row {
  std::vector<spread> graded;  ///< one for each family, over predictions
  spread plain;                ///< over families
};

/// Methods of order 0 claim none: nothing is measured.
inline order_row check_orders(const subject& s) {
  if (s.order == 0) return {.graded = std::vector<spread>(families().size()), .plain = {}};
  const double tolerance = 0.15;  // what the next term of the error does to a slope at these numbers of steps
  order_row row;
  for (const family& f : families()) {
    spread over;
    for (const told what : every_told) {
      const measured m = order_of(s, f, what);
      INFO(s.name() << " on " << f.name << " with " << name(what) << ": order " << m.order << ", error " << m.error);
      CHECK(std::abs(m.order - s.order) <= tolerance);
      over.add(m.order);
    }
    row.graded.push_back(over);
    row.plain.add(plain_order_of(s, f, told::x0).order);
  }
  return row;
}

}  // namespace diffode_test
