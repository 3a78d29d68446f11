// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/sample.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// A fine run that is remembered, so that it can be asked where it passes between its levels: what plans are tuned towards,
/// at times that are not known before.
///
/// Memory  an array of the starts' size for each level of the fine grid
/// Error   of at(): that of a cubic through the four nearest levels in lambda, h^4 in their distance h; none at its levels
template <class T>
class teacher_course {
 public:
  /// teacher  a deterministic method     fine  its grid, with finite lambda everywhere, 4 levels at least
  /// starts   `batch` start states, one after another
  /// Errors   as `sample`; refuses such grids, and a teacher that draws noise
  template <method M, class Form, class Net>
  static result<teacher_course> try_make(const M& teacher, const grid& fine, model<Form, Net> m, std::vector<T> starts, std::size_t batch = 1) {
    using detail::refuse;
    if (const fault f = check(fine)) return *f;
    result<plan> made = try_compile(teacher, fine, m.form, {.watch_state = true});
    if (!made) return *made.reason();
    if (made.value().draws_noise()) return refuse(errc::bad_method, "teacher_course: ", teacher.name, " draws noise, needs a deterministic teacher");
    teacher_course course(fine, batch);
    course.states_.push_back(starts);
    const auto keep = [&](const sight<T>& now) { course.states_.emplace_back(now.x.begin(), now.x.end()); };
    const result<run_report> done = try_sample(shared_plan(std::move(made).value()), std::move(m), starts, {.batch = batch}, philox{}, keep);
    if (!done) return *done.reason();
    return course;
  }

  /// A run that was remembered elsewhere, as states() of it.
  /// states   one array for each level of `fine`, all as long as the starts
  /// Errors   refuses such grids, another number of states, other lengths, and numbers that are not finite
  static result<teacher_course> try_of(const grid& fine, std::vector<std::vector<T>> states, std::size_t batch = 1) {
    using detail::refuse;
    if (const fault f = check(fine)) return *f;
    if (states.size() != fine.size()) return refuse(errc::bad_shape, "teacher_course: number of states is ", states.size(), ", needs ", fine.size(), ", one for each level");
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i].size() != states[0].size())
        return refuse(errc::bad_shape, "teacher_course: state ", i, " has ", states[i].size(), " numbers, needs ", states[0].size(), ", as the first has");
      for (const T x : states[i])
        if (!std::isfinite(static_cast<double>(x))) return refuse(errc::bad_shape, "teacher_course: state ", i, " has the number ", static_cast<double>(x), ", needs finite ones");
    }
    teacher_course course(fine, batch);
    course.states_ = std::move(states);
    return course;
  }

  const grid& levels() const { return fine_; }
  std::size_t batch() const { return batch_; }
  std::span<const T> starts() const { return states_.front(); }
  std::span<const T> ends() const { return states_.back(); }
  /// At all levels, the starts first.
  std::span<const std::vector<T>> states() const { return states_; }

  /// The state of each sample at a level on the way.
  /// Errors  refuses levels before the first or past the last
  result<std::vector<T>> try_at(const level<>& l) const {
    const double from = fine_.front().lambda, to = fine_.back().lambda, slack = 1e-9 * (1 + std::abs(to - from));
    const double low = std::fmin(from, to) - slack, high = std::fmax(from, to) + slack;
    if (!(l.lambda >= low && l.lambda <= high))
      return detail::refuse(errc::bad_grid, "teacher_course: lambda is ", l.lambda, ", needs ", low, " to ", high, ", where the teacher has been");
    std::size_t first = 0;  // of four levels with the wanted one in their middle, where there are such
    while (first + nodes < fine_.size() && std::abs(fine_[first + nodes].lambda - l.lambda) < std::abs(fine_[first].lambda - l.lambda)) ++first;
    std::array<double, nodes> weight;
    for (std::size_t k = 0; k < nodes; ++k) {
      weight[k] = 1;
      for (std::size_t j = 0; j < nodes; ++j)
        if (j != k) weight[k] *= (l.lambda - fine_[first + j].lambda) / (fine_[first + k].lambda - fine_[first + j].lambda);
    }
    std::vector<T> x(states_.front().size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < nodes; ++k) sum += weight[k] * static_cast<double>(states_[first + k][i]);
      x[i] = static_cast<T>(sum);
    }
    return x;
  }
  /// The same at levels 1, 2, ... of a grid, one array after another: as fit_coefficients takes them.
  result<std::vector<T>> try_along(const grid& g) const {
    std::vector<T> all;
    for (std::size_t n = 1; n < g.size(); ++n) {
      const result<std::vector<T>> x = try_at(g[n]);
      if (!x) return *x.reason();
      all.insert(all.end(), x.value().begin(), x.value().end());
    }
    return all;
  }

 private:
  static constexpr std::size_t nodes = 4;
  static fault check(const grid& fine) {
    using detail::refuse;
    if (fine.size() < nodes) return refuse(errc::bad_grid, "teacher_course: number of levels is ", fine.size(), ", needs at least ", nodes);
    for (std::size_t i = 0; i < fine.size(); ++i)
      if (!std::isfinite(fine[i].lambda)) return refuse(errc::bad_grid, "teacher_course: lambda of level ", i, " is ", fine[i].lambda, ", needs finite ones");
    return {};
  }
  teacher_course(grid fine, std::size_t batch) : fine_(std::move(fine)), batch_(batch) {}

  grid fine_;
  std::size_t batch_;
  std::vector<std::vector<T>> states_;
};

}  // namespace diffode
