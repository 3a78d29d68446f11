// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/table.hpp"
#include "diffode/run/adjoint.hpp"
#include "diffode/run/plan_gradient.hpp"
#include "diffode/search/table_numbers.hpp"
#include "diffode/search/teacher_course.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// iterations  of the descent
/// samples     of the teacher in each iteration, taken in turn; 0 for all of them
/// rate        by what share of its unit a number moves in the first iterations; falls to 0 along half a cosine
/// times       whether inner levels move, besides the coefficients. The product then has to answer for the label too
/// unit        of coefficients; that of a level is a tenth of lambda
struct descend_options {
  int iterations = 300;
  std::size_t samples = 0;
  double rate = 0.1;
  bool times = true;
  double unit = 0.1;
};

/// Where a descent is. Whoever keeps it can go on from it, and ends where an undisturbed descent does.
///
/// numbers       coefficients row by row, a before b, then lambda of the inner levels
/// mean, square  running means of their derivatives and of the squares of these
struct descend_state {
  std::vector<double> numbers{}, mean{}, square{};
  int iteration = 0;
  friend bool operator==(const descend_state&, const descend_state&) = default;
};

/// After an iteration: where the descent is, the mean square error it came from, on the samples of the iteration, and the table.
struct descend_progress {
  const descend_state& state;
  double mean_square;
  const coefficient_table& table;
};

namespace detail {

inline fault check_descend(const coefficient_table& t, const noise_path& path, const grid& fine, std::size_t batch, const descend_options& o) {
  if (const fault f = t.check()) return f;
  if (t.times.empty()) return refuse(errc::bad_method, "descend_table: table has no times, needs those that it was made for");
  const result<grid> g = try_from_times(path, t.times);
  if (!g) return *g.reason();
  const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-6 * (1 + std::abs(b)); };
  if (!close(g.value().front().lambda, fine.front().lambda) || !close(g.value().back().lambda, fine.back().lambda))
    return refuse(errc::bad_grid, "descend_table: table has lambda ", g.value().front().lambda, " to ", g.value().back().lambda, ", needs ", fine.front().lambda, " to ", fine.back().lambda, ", the teacher's");
  if (o.iterations < 1) return refuse(errc::bad_call, "descend_table: iterations is ", o.iterations, ", needs at least 1");
  if (o.samples > batch) return refuse(errc::bad_call, "descend_table: samples is ", o.samples, ", needs 0 (all) to ", batch, ", those of the teacher");
  if (!(o.rate > 0 && o.rate <= 10)) return refuse(errc::bad_call, "descend_table: rate is ", o.rate, ", needs a number above 0 and at most 10");
  if (!(o.unit > 0 && std::isfinite(o.unit))) return refuse(errc::bad_call, "descend_table: unit is ", o.unit, ", needs a finite number above 0");
  return {};
}

/// The error of a table's run, and its gradient, by one run there and one back.
template <class Form, class Net, class Product, class T>
class table_descent {
 public:
  table_descent(const table_numbers& shape, const noise_path& path, const model<Form, Net>& m, const Product& vjp, const teacher_course<T>& to, bool times)
      : shape_(shape), path_(path), m_(m), vjp_(vjp), to_(to), times_(times) {}

  result<plan> plan_of(std::span<const double> numbers) const {
    const coefficient_table t = shape_.of({numbers.begin(), numbers.end()});
    const result<grid> g = try_from_times(path_, t.times);
    if (!g) return *g.reason();
    return try_compile(t, g.value(), m_.form, {.every_term = true});
  }
  /// The mean square over `count` samples from `first` on, and its derivatives.
  result<std::pair<double, std::vector<double>>> at(std::span<const double> numbers, std::size_t first, std::size_t count) const {
    result<plan> made = plan_of(numbers);
    if (!made) return *made.reason();
    const std::size_t size = to_.starts().size() / to_.batch(), n = count * size;
    const std::span<const T> start = to_.starts().subspan(first * size, n), wanted = to_.ends().subspan(first * size, n);
    std::vector<T> x(start.begin(), start.end()), dx(n);
    double error = 0;
    const auto loss = [&](std::span<const T> sample, std::span<T> gradient) {
      for (std::size_t i = 0; i < n; ++i) {
        const double off = static_cast<double>(sample[i]) - static_cast<double>(wanted[i]);
        error += off * off / static_cast<double>(n);
        gradient[i] = static_cast<T>(2 * off / static_cast<double>(n));
      }
    };
    const result<adjoint_report> back = try_adjoint(shared_plan(std::move(made).value()), m_, vjp_, x, dx, loss, {.batch = count, .coefficients = true, .labels = times_});
    if (!back) return *back.reason();
    result<std::vector<double>> slopes = try_gradient_of(numbers, back.value().plan, [&](std::span<const double> other) { return plan_of(other); });
    if (!slopes) return *slopes.reason();
    return std::pair(error, std::move(slopes).value());
  }

 private:
  const table_numbers& shape_;
  const noise_path& path_;
  const model<Form, Net>& m_;
  const Product& vjp_;
  const teacher_course<T>& to_;
  bool times_;
};

}  // namespace detail

/// Descends from a table to one whose run ends nearer to the teacher's, by the gradient of the error with respect to all coefficients and
/// times: for models with a vector-Jacobian product. One iteration costs a run and its adjoint, however many numbers there are;
/// try_refine_table needs no product, and a run for each number.
///
/// start     its levels lie inside the teacher's ends; the best table may be another than the last: choose by other samples, in `progress`
/// m         its function is copied for each run, as `vjp` is: let them refer to what is large
/// vjp       as for `adjoint`; with `times` as vjp(call, out, label)
/// known     where an earlier descent was broken off, or nothing
/// progress  progress(const descend_progress&) -> bool after each iteration, false to stop
/// Source    Adam (arXiv:1412.6980, Algorithm 1, with its constants) on the free numbers of S4S, arXiv:2502.17423, and of bespoke
///           non-stationary solvers, arXiv:2403.01329, on the error without a perceptual metric. A step that would let levels pass
///           each other is halved until it does not
/// Errors    refuses options out of range, a table that makes no sense or has no times or other ends, a state of another table, what
///           `adjoint` refuses, and errors that are not finite
template <class Form, class Net, class Product, class T, class Progress>
result<coefficient_table> try_descend_table(const coefficient_table& start, const model<Form, Net>& m, const Product& vjp, const teacher_course<T>& fitted_to,
                                            const descend_options& o, descend_state known, Progress&& progress) {
  using detail::refuse;
  const noise_path path = fitted_to.levels().path();
  if (const fault f = detail::check_descend(start, path, fitted_to.levels(), fitted_to.batch(), o)) return *f;
  const detail::table_numbers shape(start, path, o.times);
  const detail::table_descent<Form, Net, Product, T> run(shape, path, m, vjp, fitted_to, o.times);
  descend_state now = std::move(known);
  if (now.numbers.empty()) now.numbers = shape.all();
  const std::size_t n = shape.all().size(), all = fitted_to.batch(), count = o.samples == 0 ? all : o.samples;
  now.mean.resize(now.iteration == 0 ? n : now.mean.size());
  now.square.resize(now.iteration == 0 ? n : now.square.size());
  if (now.numbers.size() != n || now.mean.size() != n || now.square.size() != n || now.iteration < 0)
    return refuse(errc::bad_call, "descend_table: state has ", now.numbers.size(), " numbers in iteration ", now.iteration, ", needs ", n, ", those of the table");

  constexpr double keep_mean = 0.9, keep_square = 0.999, least = 1e-8;
  while (now.iteration < o.iterations) {
    const std::size_t first = static_cast<std::size_t>(now.iteration) * count % all;
    const auto here = run.at(now.numbers, first, std::min(count, all - first));
    if (!here) return *here.reason();
    const auto& [error, slopes] = here.value();
    if (!std::isfinite(error)) return refuse(errc::bad_model, "descend_table: mean square error is ", error, " in iteration ", now.iteration, ", needs a finite number: a smaller rate?");
    const double rate = o.rate * 0.5 * (1 + std::cos(std::numbers::pi * now.iteration / o.iterations));
    ++now.iteration;
    std::vector<double> step(n);
    for (std::size_t k = 0; k < n; ++k) {
      const double unit = shape.is_level(k) ? 0.1 : o.unit, slope = slopes[k] * unit;
      now.mean[k] = keep_mean * now.mean[k] + (1 - keep_mean) * slope;
      now.square[k] = keep_square * now.square[k] + (1 - keep_square) * slope * slope;
      const double mean = now.mean[k] / (1 - std::pow(keep_mean, now.iteration)), square = now.square[k] / (1 - std::pow(keep_square, now.iteration));
      step[k] = unit * rate * mean / (std::sqrt(square) + least);
    }
    for (double share = 1; share > 1e-6; share /= 2) {
      std::vector<double> moved = now.numbers;
      for (std::size_t k = 0; k < n; ++k) moved[k] -= share * step[k];
      if (!run.plan_of(moved)) continue;
      now.numbers = std::move(moved);
      break;
    }
    if (!progress(descend_progress{now, error, shape.of(now.numbers)})) break;
  }
  return shape.of(now.numbers);
}

}  // namespace diffode
