// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/method/coefficient_table.hpp"
#include "diffode/search/teacher.hpp"

#include <Eigen/Cholesky>

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// history  the most predictions that a row names; 0 for all that there are
/// target   which prediction the rows combine
/// ridge    share of its own square that is added to each diagonal of the normal equations: predictions of neighbouring
///          steps are nearly the same, and without it coefficients grow large with opposite signs
/// asks_first  false: the first row only scales the start, and costs no evaluation (as AFS, arXiv:2312.00094, does with a guess)
struct fit_options {
  int history = 0;
  prediction target = prediction::x0;
  double ridge = 1e-10;
  bool asks_first = true;
};

namespace detail {

inline fault check_fit(const grid& g, std::size_t size, std::size_t teacher, const fit_options& o) {
  if (o.history < 0) return refuse(errc::bad_call, "fit_coefficients: history is ", o.history, ", needs 0 (all) or more");
  if (!(o.ridge >= 0 && o.ridge <= 1)) return refuse(errc::bad_call, "fit_coefficients: ridge is ", o.ridge, ", needs a number from 0 to 1");
  if (!o.asks_first && g.steps() < 2) return refuse(errc::bad_call, "fit_coefficients: asks_first is false on a grid of 1 step, needs at least 2");
  if (size == 0) return refuse(errc::bad_shape, "fit_coefficients: x has 0 numbers, needs at least 1");
  if (teacher != size * g.steps())
    return refuse(errc::bad_shape, "fit_coefficients: teacher has ", teacher, " numbers, needs ", size * g.steps(), ", the state at every level but the first");
  if (o.target == prediction::eps && !(g[g.steps() - 1].sigma > 0))
    return refuse(errc::bad_grid, "fit_coefficients: sigma of the last evaluation is 0, needs a number above 0 for rows of noise");
  return {};
}

/// Coefficients c with sum_k c_k features[k] nearest to `wanted`, by normal equations.
template <class T>
std::vector<double> least_squares(const std::vector<const std::vector<T>*>& features, std::span<const T> wanted, double ridge) {
  const Eigen::Index n = static_cast<Eigen::Index>(features.size());
  Eigen::MatrixXd A(n, n);
  Eigen::VectorXd b(n);
  for (Eigen::Index r = 0; r < n; ++r) {
    const std::vector<T>& row = *features[static_cast<std::size_t>(r)];
    const auto dot = [&](const auto& other) {
      double sum = 0;
      for (std::size_t i = 0; i < row.size(); ++i) sum += static_cast<double>(row[i]) * static_cast<double>(other[i]);
      return sum;
    };
    for (Eigen::Index c = 0; c <= r; ++c) A(r, c) = A(c, r) = dot(*features[static_cast<std::size_t>(c)]);
    b(r) = dot(wanted);
    A(r, r) *= 1 + ridge;
  }
  const Eigen::VectorXd c = A.ldlt().solve(b);
  return {c.data(), c.data() + n};
}

}  // namespace detail

/// Fits the coefficients of a few-step run to a teacher, step by step and without gradients: each row is the combination
/// of the student's own state and predictions that comes nearest to where the teacher is at the next level.
///
/// x            `batch` start states, a few dozen at least; holds the fitted run's samples afterwards
/// teacher      the teacher's states at levels 1, 2, ... of g, from the same starts: teacher_states() makes them
/// m            its function is copied for every step: let it refer to what is large
/// Returns      a table for this grid, to be run like any method
/// Evaluations  g.steps(), one less without the first          Memory  one array of x's size for every step
/// Source       regression on the run's own trajectory; of published ones nearest to improved integration approximation, Zhang et al.
///              2023, arXiv:2304.11328. Normal equations of at most steps + 1 unknowns
/// Errors       as `sample`; refuses a teacher of another size, options out of range, and fits that are not finite; then x is as it was
template <class Form, class Net, array A>
result<coefficient_table> try_fit_coefficients(const grid& g, const model<Form, Net>& m, A&& x, std::span<const element_of<A>> teacher, const fit_options& o = {}, std::size_t batch = 1) {
  using T = element_of<A>;
  using traits = array_traits<std::remove_cvref_t<A>>;
  T* const data = traits::data(x);
  const std::size_t size = traits::size(x);
  if (const fault f = detail::check_fit(g, size, teacher.size(), o)) return *f;
  coefficient_table table{.target = o.target};
  for (const level<>& l : g) table.times.push_back(l.t);
  std::vector<T> state(data, data + size);
  std::vector<std::vector<T>> made;
  for (std::size_t n = 0; n < g.steps(); ++n) {
    const bool asks = n > 0 || o.asks_first;
    if (asks) {
      result<std::vector<T>> x0 = detail::denoised(g.path(), g[n], g[n + 1], m, state, batch);
      if (!x0) return *x0.reason();
      made.push_back(std::move(x0).value());
    }
    if (asks && o.target == prediction::eps)
      for (std::size_t i = 0; i < size; ++i) made.back()[i] = static_cast<T>((static_cast<double>(state[i]) - g[n].alpha * static_cast<double>(made.back()[i])) / g[n].sigma);

    std::vector<const std::vector<T>*> features{&state};
    const std::size_t most = o.history == 0 ? most_row_terms : static_cast<std::size_t>(o.history);
    for (std::size_t j = 0; j < made.size() && j < most && j < most_row_terms; ++j) features.push_back(&made[made.size() - 1 - j]);
    const std::vector<double> c = detail::least_squares(features, teacher.subspan(n * size, size), o.ridge);
    for (std::size_t k = 0; k < c.size(); ++k)
      if (!std::isfinite(c[k])) return detail::refuse(errc::bad_model, "fit_coefficients: coefficient ", k, " of step ", n, " is ", c[k], ", needs a finite number: are the model's answers finite?");
    table.rows.push_back({.a = c[0], .b = {c.begin() + 1, c.end()}});

    std::vector<T> next(size);
    for (std::size_t i = 0; i < size; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < c.size(); ++k) sum += c[k] * static_cast<double>((*features[k])[i]);
      next[i] = static_cast<T>(sum);
    }
    state = std::move(next);
  }
  for (std::size_t i = 0; i < size; ++i) data[i] = state[i];
  return table;
}

template <class Form, class Net, array A>
coefficient_table fit_coefficients(const grid& g, const model<Form, Net>& m, A&& x, std::span<const element_of<A>> teacher, const fit_options& o = {}, std::size_t batch = 1) {
  return try_fit_coefficients(g, m, x, teacher, o, batch).value();
}

}  // namespace diffode
