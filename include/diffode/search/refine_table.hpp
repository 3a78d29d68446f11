// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/search/table_numbers.hpp"

#include <Eigen/Cholesky>

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace diffode {

/// iterations  the most steps of the descent
/// times       whether inner levels move, besides the coefficients
/// ridge       how dear it is to leave where the iteration began: in shares of the mean square of the residuals, for a change of
///             every coefficient by `scale` and every level by a tenth of a unit of lambda
/// scale       what counts as a change of a coefficient
/// difference  of coefficients and of lambda, for the derivatives
struct refine_options {
  int iterations = 10;
  bool times = true;
  double ridge = 1e-3;
  double scale = 0.1;
  double difference = 1e-3;
};

/// Where a descent is. Whoever keeps it can go on from it, and ends where an undisturbed descent does.
///
/// numbers      coefficients row by row, a before b, then lambda of the inner levels; none before the first iteration
/// damping      Marquardt's      mean_square  of the residuals      iteration  how many are over      over  whether it has ended
struct refine_state {
  std::vector<double> numbers{};
  double damping = 1e-3, mean_square = 0;
  int iteration = 0;
  bool over = false;
  friend bool operator==(const refine_state&, const refine_state&) = default;
};

/// After an iteration: where the descent is, and the table.
struct refine_progress {
  const refine_state& state;
  const coefficient_table& table;
};

namespace detail {

inline fault check_refine(const coefficient_table& t, const refine_options& o) {
  if (const fault f = t.check()) return f;
  if (t.times.empty()) return refuse(errc::bad_method, "refine_table: table has no times, needs those that it was made for");
  if (o.iterations < 1) return refuse(errc::bad_call, "refine_table: iterations is ", o.iterations, ", needs at least 1");
  if (!(o.ridge >= 0 && std::isfinite(o.ridge))) return refuse(errc::bad_call, "refine_table: ridge is ", o.ridge, ", needs a finite number from 0");
  if (!(o.scale > 0 && std::isfinite(o.scale))) return refuse(errc::bad_call, "refine_table: scale is ", o.scale, ", needs a finite number above 0");
  if (!(o.difference > 0 && o.difference < 0.1)) return refuse(errc::bad_call, "refine_table: difference is ", o.difference, ", needs a number above 0 and below 0.1");
  return {};
}

/// Whether a descent of n numbers can have been in that state: it may come from a file.
inline fault check_refine_state(const refine_state& s, std::size_t n, const refine_options& o) {
  if (s.numbers.size() != n) return refuse(errc::bad_call, "refine_table: state has ", s.numbers.size(), " numbers, needs ", n, ", those of the table that are free");
  for (std::size_t k = 0; k < n; ++k)
    if (!std::isfinite(s.numbers[k])) return refuse(errc::bad_call, "refine_table: number ", k, " of the state is ", s.numbers[k], ", needs a finite one");
  if (!(s.damping > 0 && std::isfinite(s.damping))) return refuse(errc::bad_call, "refine_table: damping of the state is ", s.damping, ", needs a finite number above 0");
  if (s.iteration < 0 || s.iteration > o.iterations) return refuse(errc::bad_call, "refine_table: iteration of the state is ", s.iteration, ", needs 0 to ", o.iterations);
  return {};
}

}  // namespace detail

/// Descends from a table to one whose run ends nearer to where it should: all coefficients and times at once, which fitting step by
/// step can not do. Levenberg's and Marquardt's method with derivatives by differences: a few dozen numbers and thousands
/// of residuals make gradients of the model dispensable.
///
/// path       of the table's times
/// residuals  residuals(const coefficient_table&) -> std::vector<double>: how far each number of each sample is from where it
///            should be; empty where the table can not be run
/// known      where an earlier descent from the same table was, or nothing
/// progress   progress(const refine_progress&) -> bool after each iteration, false to stop
/// Runs       of the residuals: 1 + the free numbers in each iteration, and a few more where a step has to be shortened
/// Source     the free numbers are those of S4S, arXiv:2502.17423, and of bespoke non-stationary solvers, arXiv:2403.01329,
///            which descend by gradients; the mean square is their loss without a perceptual metric
/// Errors     refuses options out of range, a table that makes no sense or has no times or whose residuals are not finite, and a state
///            that no descent from it can have been in
template <class Residuals, class Progress>
result<coefficient_table> try_refine_table(const coefficient_table& start, const noise_path& path, Residuals&& residuals, const refine_options& o, refine_state known,
                                           Progress&& progress) {
  using detail::refuse;
  if (const fault f = detail::check_refine(start, o)) return *f;
  const detail::table_numbers shape(start, path, o.times);
  const std::vector<double> begin = shape.all();
  const std::size_t n = begin.size();
  std::vector<double> r = residuals(start);
  double error = detail::mean_square(r);
  if (!std::isfinite(error)) return refuse(errc::bad_model, "refine_table: mean square of the residuals of the start is ", error, ", needs a finite number");
  const double unit = o.ridge * error;  // of the price of leaving
  const auto scale = [&](std::size_t k) { return shape.is_level(k) ? 0.1 : o.scale; };
  const auto price = [&](const std::vector<double>& there) {
    double sum = 0;
    for (std::size_t k = 0; k < n; ++k) sum += (there[k] - begin[k]) * (there[k] - begin[k]) / (scale(k) * scale(k));
    return unit * sum / static_cast<double>(n);
  };
  refine_state at = std::move(known);
  std::vector<double>& now = at.numbers;
  if (now.empty()) now = begin, at.mean_square = error;
  if (const fault f = detail::check_refine_state(at, n, o)) return *f;
  if (now != begin) {
    r = residuals(shape.of(now));
    if (error = detail::mean_square(r); !std::isfinite(error)) return refuse(errc::bad_call, "refine_table: mean square of the residuals of the state is ", error, ", needs a finite number");
  }
  const Eigen::Index size = static_cast<Eigen::Index>(n), count = static_cast<Eigen::Index>(r.size());
  while (at.iteration < o.iterations && !at.over) {
    Eigen::MatrixXd J(count, size);
    for (std::size_t k = 0; k < n; ++k) {
      // A level may be so near to its neighbour that it can move one way only, or not at all: then it stays for this iteration.
      std::vector<double> there;
      double h = o.difference;
      for (const double way : {o.difference, -o.difference}) {
        std::vector<double> moved = now;
        moved[k] += h = way;
        if (there = residuals(shape.of(moved)); there.size() == r.size()) break;
      }
      for (std::size_t i = 0; i < r.size(); ++i) J(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) = there.size() == r.size() ? (there[i] - r[i]) / h : 0;
    }
    const double share = 1 / static_cast<double>(count);
    Eigen::MatrixXd A = share * (J.transpose() * J);
    Eigen::VectorXd b = share * (J.transpose() * Eigen::Map<const Eigen::VectorXd>(r.data(), count));
    for (std::size_t k = 0; k < n; ++k) {
      const Eigen::Index row = static_cast<Eigen::Index>(k);
      const double pull = unit / (static_cast<double>(n) * scale(k) * scale(k));
      A(row, row) += pull;
      b(row) += pull * (now[k] - begin[k]);
    }
    bool forward = false;
    for (int attempt = 0; attempt < 8 && !forward; ++attempt) {
      Eigen::MatrixXd damped = A;
      damped.diagonal() *= 1 + at.damping;
      damped.diagonal() += Eigen::VectorXd::Constant(size, 1e-14 * A.diagonal().maxCoeff());  // numbers without an effect stay
      const Eigen::VectorXd step = damped.ldlt().solve(b);
      std::vector<double> moved = now;
      for (std::size_t k = 0; k < n; ++k) moved[k] -= step(static_cast<Eigen::Index>(k));
      std::vector<double> there = residuals(shape.of(moved));
      const double reached = detail::mean_square(there);
      forward = there.size() == r.size() && reached + price(moved) < error + price(now);
      if (forward) now = std::move(moved), r = std::move(there), error = reached;
      at.damping = forward ? at.damping / 4 : at.damping * 8;
    }
    ++at.iteration, at.mean_square = error, at.over = !forward;
    if (!progress(refine_progress{at, shape.of(now)})) break;
  }
  return shape.of(now);
}

}  // namespace diffode
