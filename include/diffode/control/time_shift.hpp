// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/grid/grid.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace diffode {

/// Which end of a step goes to the level that a sample seems to be at.
enum class shifted_end {
  model_time,   ///< the start: the model is asked there, and the step starts there (the paper)
  target_time,  ///< the end: the step goes there, and the next one takes the state for one at the grid's level (the authors' code)
};

/// window         what is searched, half of it on either side of the grid's time, in the path's time
/// cutoff         time at and below which nothing is shifted: of the step before (model_time), or where the step goes to (target_time)
/// data_variance  of the numbers of one sample of the data; 0, the paper's, takes the whole variance of a state for noise
/// spacing        of the times that are tried, counted from the grid's; 1 is one training step on a path of training steps
struct time_shift_options {
  double window = 0;
  double cutoff = 0;
  shifted_end end = shifted_end::model_time;
  double data_variance = 0;
  double spacing = 1;
};

/// Walks a grid, and goes by how much noise each sample holds where that is not what the grid says.
///
/// Source     Li et al. 2023, arXiv:2305.15583, Algorithm 3 (model_time), and its authors' code (target_time)
/// Semantics  a control for any method without a second state; each sample of a batch is shifted by itself. Of the times tau in
///            the window, at whole spacings from the grid's and in the range of the path, the one counts at which alpha^2 v0 +
///            sigma^2 comes nearest to the variance of the sample, v0 the variance of the data; the lowest of several. The first
///            step and the end of the run are the grid's
/// Differs    the paper's window is for steps of one training step: here, as in all code, it lies around the grid's next time. The
///            code of the ADM variant searches around the present time instead and goes down by the step's length
/// Errors     those of check
class time_shift {
 public:
  time_shift(grid levels, const time_shift_options& o) : grid_(std::move(levels)), options_(o) {}

  const time_shift_options& options() const { return options_; }
  const grid& levels() const { return grid_; }
  int steps() const { return static_cast<int>(grid_.steps()); }
  const level<>& at(int i) const { return grid_[static_cast<std::size_t>(i)]; }

  /// Which point of the grid is shifted in step i, and whether it is: by the variance of the state at the step's start.
  int shifted(int i) const { return options_.end == shifted_end::model_time ? i : i + 1; }
  bool shifts(int i) const {
    if (i < 1 || i >= steps() || shifted(i) >= steps() || reach() == 0) return false;
    return above_cutoff(at(options_.end == shifted_end::model_time ? i - 1 : i + 1).t);
  }
  /// The level in the window around a point at which samples of this variance belong.
  level<> nearest(int point, double variance) const {
    level<> best = at(point);
    double least = std::numeric_limits<double>::infinity();
    each_tried(point, [&](const level<>& tried, bool) {
      const double off = std::abs(variance - expected(tried));
      if (off < least) best = tried, least = off;
    });
    return best;
  }
  /// visit(level, whether it is the grid's own) for the levels in the window around a point, in the order of their times.
  template <class Visit>
  void each_tried(int point, Visit&& visit) const {
    const time_range all = grid_.path().range();
    const double low = std::fmin(all.clean, all.noisy), high = std::fmax(all.clean, all.noisy);
    for (int k = -reach(); k <= reach(); ++k) {
      const double t = at(point).t + k * options_.spacing;
      if (k != 0 && !(t >= low && t <= high)) continue;
      visit(k == 0 ? at(point) : grid_.path().at(t), k == 0);
    }
  }
  /// The variance of a sample that belongs at a level.
  double expected(const level<>& l) const { return l.alpha * l.alpha * options_.data_variance + l.sigma * l.sigma; }

  /// Nothing, or which of the options is wrong, for a method that remembers evaluations or not.
  fault check(bool remembers) const {
    using detail::refuse;
    const time_shift_options& o = options_;
    const double infinity = std::numeric_limits<double>::infinity();
    if (!grid_.denoises()) return refuse(errc::bad_grid, "time_shift: the grid goes from data to noise, needs one from noise to data");
    if (!(o.spacing > 0 && o.spacing < infinity)) return refuse(errc::bad_grid, "time_shift: spacing is ", o.spacing, ", needs a finite number above 0");
    if (!(o.window >= 0 && o.window / o.spacing <= most_tried))
      return refuse(errc::bad_grid, "time_shift: window is ", o.window, ", needs a number from 0 to ", most_tried, " spacings, ", most_tried * o.spacing);
    if (!(o.data_variance >= 0 && o.data_variance < infinity))
      return refuse(errc::bad_grid, "time_shift: data_variance is ", o.data_variance, ", needs a finite number not below 0");
    if (!std::isfinite(o.cutoff)) return refuse(errc::bad_grid, "time_shift: cutoff is ", o.cutoff, ", needs a finite number");
    for (int i = 0; i < steps(); ++i)
      if (shifts(i))
        if (const fault f = check_point(i, remembers)) return f;
    return {};
  }

 private:
  static constexpr double most_tried = 1e5;

  /// How many times are tried on either side.
  int reach() const { return static_cast<int>(std::floor(options_.window / (2 * options_.spacing) * (1 + 1e-12))); }
  bool above_cutoff(double t) const {
    const time_range all = grid_.path().range();
    return all.noisy >= all.clean ? t > options_.cutoff : t < options_.cutoff;
  }

  /// A step must not turn round, and evaluations that are remembered must stay in their order: or samples of a batch, which
  /// share the order of their step, would depend on each other.
  fault check_point(int i, bool remembers) const {
    const int point = shifted(i);
    const level<>& here = at(point);
    const double half = reach() * options_.spacing, before = std::abs(at(point - 1).t - here.t), after = std::abs(here.t - at(point + 1).t);
    const bool neighbour_too = remembers && options_.end == shifted_end::model_time;
    const double gap = std::fmin(before, after) * (neighbour_too ? 0.5 : 1);
    if (!(half < gap))
      return detail::refuse(errc::bad_grid, "time_shift: window is ", options_.window, ", needs to be below ", 2 * gap, ": point ", point, " at time ", here.t,
                            neighbour_too ? " and its neighbours, where a method remembers evaluations, could change places" : " could pass a neighbour");
    const level<> on_path = grid_.path().at(here.t);
    if (!(std::abs(on_path.lambda - here.lambda) <= 1e-6) || !(std::abs(on_path.label - here.label) <= 1e-6 * (1 + std::abs(here.label))))
      return detail::refuse(errc::bad_grid, "time_shift: point ", point, " at time ", here.t, " has lambda ", here.lambda, " and label ", here.label,
                            ", needs those of the path there, ", on_path.lambda, " and ", on_path.label, ": other times are told as the path tells them");
    return {};
  }

  grid grid_;
  time_shift_options options_;
};

}  // namespace diffode
