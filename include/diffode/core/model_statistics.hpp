// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/exponential.hpp"
#include "diffode/detail/shared.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// Statistics of a model as they come from a file: `lambda.size()` rows, one after another, of one number per column.
struct statistics_table {
  std::span<const double> lambda;   ///< where they were taken: rising or falling, two at least
  std::span<const double> l, s, b;  ///< all of one size, a multiple of lambda's
};

/// What a step from s to t needs of the statistics, for every column.
template <coefficient R>
struct statistics_step {
  R a;                 ///< alpha_t/alpha_s e^(-L_t)
  std::array<R, 4> W;  ///< W[k] = e^(-L_t) int e^(L+S) (lambda - lambda_s)^k dlambda
  R J;                 ///< e^(-L_t) int e^(L+S) B dlambda
};

/// How an evaluation elsewhere is seen from where a step starts: g = fade*f - B.
template <coefficient R>
struct statistics_shift {
  R fade, B;  ///< e^(-S), and B, both at the evaluation
};

/// Empirical model statistics: which linear part l of a model an exponential integrator is to solve exactly, and which
/// straight line s f + b comes nearest to the slope of the rest, f = (sigma*eps - l*x)/alpha. Functions of lambda, one
/// for each element of the state, or each channel, or one for all.
///
/// Source  Zheng et al. 2023, arXiv:2310.13268 (DPM-Solver-v3). With integrals from lambda_s on,
///             L = int l,   S = int s,   B = int e^(-S) b,
///         by the trapezoidal rule on the table, as in the paper's code. It starts each sum anew at s: differences of sums from
///         the noisy end on, which that code takes, are the same but cancel
/// Error   that of the rule, O(d^2) for nodes d apart; none for data_prediction and noise_prediction, which are integrated in
///         closed form and hold at every lambda
/// Shapes  columns: 1, or as many as the run has lanes
/// Copies  share the table, which never changes
class model_statistics {
 public:
  /// l = 1, s = b = 0: f = -x0, and methods become those of data prediction.
  static model_statistics data_prediction() { return model_statistics(prediction::x0, {}); }
  /// l = 0, s = -1, b = 0: f = eps sigma/alpha, and methods become those of noise prediction.
  static model_statistics noise_prediction() { return model_statistics(prediction::eps, {}); }

  /// Errors  refuses tables of unequal shape, numbers that are not finite, and lambdas that repeat or turn
  static result<model_statistics> try_make(const statistics_table& from);
  static model_statistics make(const statistics_table& from) { return try_make(from).value(); }

  bool tabulated() const { return table_.has_value(); }
  std::size_t columns() const { return tabulated() ? (*table_)->columns : 1; }
  /// The lambdas of the table; none without one.
  std::span<const double> lambda() const {
    if (!tabulated()) return {};
    return (*table_)->lambda;
  }
  /// Index of the table's lambda that is nearest to this one.
  std::size_t nearest(double lambda) const;

  /// Nothing, or why there are no statistics at this lambda: they are known at their nodes only, and never extrapolated.
  template <coefficient R>
  fault check(const R& lambda) const;

  template <coefficient R>
  R l(const R& lambda) const;
  template <coefficient R>
  statistics_step<R> over(const level<R>& s, const level<R>& t) const;
  /// `from` is the lambda where the step starts, `at` that of the evaluation.
  template <coefficient R>
  statistics_shift<R> shift(const R& from, const R& at) const;

 private:
  struct table {
    std::vector<double> lambda, l, s, b;  ///< column after column: each is walked along lambda
    std::size_t columns;
  };
  struct sums {
    double L = 0, S = 0, B = 0, J = 0;
    std::array<double, 4> W{};
  };

  model_statistics(prediction everywhere, std::optional<detail::shared<table>> t) : everywhere_(everywhere), table_(std::move(t)) {}

  std::size_t place(std::size_t column, std::size_t node) const { return (columns() == 1 ? 0 : column) * lambda().size() + node; }
  /// L, S and B, and where a step is to be made J and W.
  sums between(std::size_t column, std::size_t from, std::size_t to, bool step) const;
  /// The sums from one lambda to another in every column, or every lane.
  template <coefficient R>
  std::vector<sums> all_between(const R& from, const R& to, bool step) const;
  template <coefficient R, class Part>
  static R row(const std::vector<sums>& all, Part part) {
    if constexpr (std::same_as<R, double>) return part(all[0]);
    else {
      std::vector<double> each;
      for (const sums& one : all) each.push_back(part(one));
      return R(std::move(each));
    }
  }

  prediction everywhere_;  ///< where there is no table
  std::optional<detail::shared<table>> table_;
};

namespace detail {

inline fault check_statistics(const statistics_table& from) {
  constexpr std::string_view who = "model_statistics";
  const std::size_t rows = from.lambda.size();
  if (rows < 2) return refuse(errc::bad_model, who, ": number of lambdas is ", rows, ", needs at least 2");
  if (from.l.empty() || from.l.size() % rows != 0)
    return refuse(errc::bad_shape, who, ": l has ", from.l.size(), " numbers, needs a multiple of the number of lambdas, ", rows);
  const std::pair<std::string_view, std::span<const double>> all[] = {{"lambda", from.lambda}, {"l", from.l}, {"s", from.s}, {"b", from.b}};
  for (const auto& [name, numbers] : all) {
    if (name != "lambda" && numbers.size() != from.l.size())
      return refuse(errc::bad_shape, who, ": ", name, " has ", numbers.size(), " numbers, needs as many as l, ", from.l.size());
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (!std::isfinite(numbers[i])) return refuse(errc::bad_model, who, ": ", name, "[", i, "] is ", numbers[i], ", needs a finite number");
  }
  const bool rising = from.lambda[0] < from.lambda[1];
  for (std::size_t i = 1; i < rows; ++i)
    if (rising ? !(from.lambda[i - 1] < from.lambda[i]) : !(from.lambda[i - 1] > from.lambda[i]))
      return refuse(errc::bad_model, who, ": lambda[", i, "] is ", from.lambda[i], ", needs a number ", rising ? "above " : "below ",
                    from.lambda[i - 1], ", the one before: lambdas must not repeat or turn");
  return {};
}

}  // namespace detail

inline result<model_statistics> model_statistics::try_make(const statistics_table& from) {
  if (const fault f = detail::check_statistics(from)) return *f;
  const std::size_t rows = from.lambda.size(), columns = from.l.size() / rows;
  const auto by_column = [&](std::span<const double> numbers) {
    std::vector<double> turned(numbers.size());
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t c = 0; c < columns; ++c) turned[c * rows + i] = numbers[i * columns + c];
    return turned;
  };
  table t{{}, by_column(from.l), by_column(from.s), by_column(from.b), columns};
  for (const double lambda : from.lambda) t.lambda.push_back(lambda);
  return model_statistics(prediction::x0, detail::shared<table>::make<table>(std::move(t)));
}

inline std::size_t model_statistics::nearest(double lambda) const {
  const std::span<const double> nodes = this->lambda();
  const bool rising = nodes.front() < nodes.back();
  std::size_t below = 0, above = nodes.size() - 1;
  while (above - below > 1) {
    const std::size_t middle = below + (above - below) / 2;
    ((rising ? nodes[middle] <= lambda : nodes[middle] >= lambda) ? below : above) = middle;
  }
  return std::abs(lambda - nodes[below]) <= std::abs(nodes[above] - lambda) ? below : above;
}

template <coefficient R>
fault model_statistics::check(const R& lambda) const {
  if (!tabulated()) return {};
  for (std::size_t k = 0; k < lane_count(lambda); ++k) {
    const double here = lane(lambda, k), node = this->lambda()[nearest(here)];
    // A level that went through single precision is off by some 1e-7 of lambda, one between two nodes by far more.
    if (!(std::abs(here - node) <= 1e-6 * (1 + std::abs(node))))
      return detail::refuse(errc::bad_grid, "lambda ", here, " is not where the statistics were taken (", node,
                            " is the nearest such lambda), needs a grid from on_nodes(grid, statistics)");
  }
  return {};
}

/// Walks the table from one node to another, forwards or backwards.
inline model_statistics::sums model_statistics::between(std::size_t column, std::size_t from, std::size_t to, bool step) const {
  const std::span<const double> x = lambda();
  const std::size_t first = place(column, 0);
  const double *l = (*table_)->l.data() + first, *s = (*table_)->s.data() + first, *b = (*table_)->b.data() + first;
  sums sum;
  double fade = 1, growth = 1;  // e^(-S) and e^(L+S)
  for (std::size_t i = from, j = i; i != to; i = j) {
    j = from < to ? i + 1 : i - 1;
    const double half = (x[j] - x[i]) / 2, B = sum.B;
    sum.L += half * (l[i] + l[j]);
    sum.S += half * (s[i] + s[j]);
    const double faded = std::exp(-sum.S);
    sum.B += half * (fade * b[i] + faded * b[j]);
    fade = faded;
    if (!step) continue;
    const double grown = std::exp(sum.L + sum.S);
    sum.J += half * (growth * B + grown * sum.B);
    double here = growth, there = grown;
    for (double& W : sum.W) {
      W += half * (here + there);
      here *= x[i] - x[from];
      there *= x[j] - x[from];
    }
    growth = grown;
  }
  return sum;
}

template <coefficient R>
std::vector<model_statistics::sums> model_statistics::all_between(const R& from, const R& to, bool step) const {
  std::size_t lanes = columns();
  for (const R* lambda : {&from, &to}) lanes = lanes < lane_count(*lambda) ? lane_count(*lambda) : lanes;
  std::vector<sums> all;
  for (std::size_t k = 0; k < lanes; ++k) all.push_back(between(k, nearest(lane(from, k)), nearest(lane(to, k)), step));
  return all;
}

template <coefficient R>
R model_statistics::l(const R& lambda) const {
  if (!tabulated()) return R(everywhere_ == prediction::x0 ? 1 : 0);
  const auto at = [&](std::size_t k) { return (*table_)->l[place(k, nearest(lane(lambda, k)))]; };
  if constexpr (std::same_as<R, double>) return at(0);
  else {
    const std::size_t lanes = columns() < lane_count(lambda) ? lane_count(lambda) : columns();
    std::vector<double> each;
    for (std::size_t k = 0; k < lanes; ++k) each.push_back(at(k));
    return R(std::move(each));
  }
}

template <coefficient R>
statistics_step<R> model_statistics::over(const level<R>& s, const level<R>& t) const {
  if (!tabulated()) {
    const exponential_step<R> e = exponential(everywhere_, s, t);
    const auto I = e.moments();
    const R scale = everywhere_ == prediction::x0 ? R(1) : exp(-e.h);
    return {e.A, {-expm1(-e.h), scale * I[1], scale * I[2], scale * I[3]}, R(0)};
  }
  const std::vector<sums> all = all_between(s.lambda, t.lambda, true);
  const auto W = [&](std::size_t k) { return row<R>(all, [k](const sums& e) { return std::exp(-e.L) * e.W[k]; }); };
  return {t.alpha / s.alpha * row<R>(all, [](const sums& e) { return std::exp(-e.L); }),
          {W(0), W(1), W(2), W(3)},
          row<R>(all, [](const sums& e) { return std::exp(-e.L) * e.J; })};
}

template <coefficient R>
statistics_shift<R> model_statistics::shift(const R& from, const R& at) const {
  if (!tabulated()) return {everywhere_ == prediction::x0 ? R(1) : exp(at - from), R(0)};
  const std::vector<sums> all = all_between(from, at, false);
  return {row<R>(all, [](const sums& e) { return std::exp(-e.S); }), row<R>(all, [](const sums& e) { return e.B; })};
}

}  // namespace diffode
