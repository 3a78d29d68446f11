// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/table.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace diffode {

/// first, least  how far a level is moved, as a share of the gap to its neighbour: at the beginning, and when it is over
/// sweeps        the most times that all levels are tried
struct time_search_options {
  double first = 0.4, least = 0.02;
  int sweeps = 40;
};

/// Where a search over times is. Whoever keeps it can go on from it, and ends where an undisturbed search does.
///
/// lambda  of all levels      step  as in the options      score  of these levels      sweep  how many are over
/// next    the level that is tried next      better  whether a level has moved in this sweep
struct time_search_state {
  std::vector<double> lambda{};
  double step = 0, score = 0;
  int sweep = 0;
  std::size_t next = 1;
  bool better = false;
  friend bool operator==(const time_search_state&, const time_search_state&) = default;
};

namespace detail {

inline fault check_time_search(const grid& start, const time_search_options& o) {
  if (!(o.least > 0 && o.first >= o.least && o.first < 1))
    return refuse(errc::bad_call, "tune_times: first and least are ", o.first, " and ", o.least, ", need 0 < least <= first < 1");
  if (o.sweeps < 1) return refuse(errc::bad_call, "tune_times: sweeps is ", o.sweeps, ", needs at least 1");
  for (std::size_t i = 0; i < start.size(); ++i)
    if (!std::isfinite(start[i].lambda)) return refuse(errc::bad_grid, "tune_times: lambda of level ", i, " is ", start[i].lambda, ", needs finite ones");
  return {};
}

/// Whether a search on this grid, with these options, can have been in that state: it may come from a file.
inline fault check_time_state(const time_search_state& s, const grid& start, const time_search_options& o) {
  const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-9 * (1 + std::abs(b)); };
  const std::size_t last = start.size() - 1;
  if (s.lambda.size() != start.size())
    return refuse(errc::bad_call, "tune_times: state has ", s.lambda.size(), " levels, needs ", start.size(), ", those of the start");
  const bool rises = start.back().lambda > start.front().lambda;
  for (std::size_t i = 0; i <= last; ++i) {
    if (!std::isfinite(s.lambda[i])) return refuse(errc::bad_call, "tune_times: lambda[", i, "] of the state is ", s.lambda[i], ", needs a finite number");
    if (i > 0 && (rises ? s.lambda[i] <= s.lambda[i - 1] : s.lambda[i] >= s.lambda[i - 1]))
      return refuse(errc::bad_call, "tune_times: lambda[", i, "] of the state is ", s.lambda[i], ", needs one ", rises ? "above " : "below ", s.lambda[i - 1], ", the one before");
  }
  if (!close(s.lambda.front(), start.front().lambda) || !close(s.lambda.back(), start.back().lambda))
    return refuse(errc::bad_call, "tune_times: state has lambda ", s.lambda.front(), " to ", s.lambda.back(), ", needs ", start.front().lambda, " to ", start.back().lambda, ", the ends of the start");
  if (!(s.step > 0 && s.step <= o.first)) return refuse(errc::bad_call, "tune_times: step of the state is ", s.step, ", needs a number above 0 and at most first, ", o.first);
  if (!std::isfinite(s.score)) return refuse(errc::bad_call, "tune_times: score of the state is ", s.score, ", needs a finite number");
  if (s.sweep < 0 || s.sweep > o.sweeps) return refuse(errc::bad_call, "tune_times: sweep of the state is ", s.sweep, ", needs 0 to sweeps, ", o.sweeps);
  if (s.next < 1 || (s.next >= last && s.next != 1)) return refuse(errc::bad_call, "tune_times: next of the state is ", s.next, ", needs 1 to ", last - 1, ", an inner level");
  return {};
}

inline result<grid> grid_at(const noise_path& path, const grid& ends, const std::vector<double>& lambda) {
  std::vector<level<>> levels{ends.front()};
  for (std::size_t i = 1; i + 1 < lambda.size(); ++i) levels.push_back(path.at_lambda(lambda[i]));
  levels.push_back(ends.back());
  return try_from_levels(path, levels);
}

}  // namespace detail

/// Moves the inner levels of a grid, one at a time, to where an objective is least: a pattern search, which needs no
/// gradients. A level stays between its neighbours, the ends stay.
///
/// start      its levels have finite lambda
/// objective  objective(const grid&) -> double, smaller is better: the error of some run on it. Not finite counts as worst
/// known      where an earlier search was, or nothing
/// progress   progress(const time_search_state&) -> bool after each level, false to stop
/// Evaluations  of the objective: 2 (steps - 1) in a sweep at most
/// Returns    the best grid that was tried, and where the search ended
/// Errors     refuses options out of range, infinite levels, a state that no search on this grid can have been in, and a start that has
///            no finite score
template <class Objective, class Progress>
result<std::pair<grid, time_search_state>> try_tune_times(const grid& start, Objective&& objective, const time_search_options& o, time_search_state known,
                                                          Progress&& progress) {
  using detail::refuse;
  if (const fault f = detail::check_time_search(start, o)) return *f;
  time_search_state now = std::move(known);
  if (now.lambda.empty()) {
    for (const level<>& l : start) now.lambda.push_back(l.lambda);
    now.step = o.first;
    now.score = objective(start);
    if (!std::isfinite(now.score)) return refuse(errc::bad_grid, "tune_times: score of the start is ", now.score, ", needs a finite number");
  }
  if (const fault f = detail::check_time_state(now, start, o)) return *f;
  while (now.step >= o.least && now.sweep < o.sweeps) {
    if (const std::size_t i = now.next; i + 1 < now.lambda.size())
      for (const std::size_t towards : {i + 1, i - 1}) {
        std::vector<double> moved = now.lambda;
        moved[i] += now.step * (moved[towards] - moved[i]);
        const result<grid> tried = detail::grid_at(start.path(), start, moved);
        const double score = tried ? objective(tried.value()) : HUGE_VAL;
        if (!(score < now.score)) continue;
        now.lambda = std::move(moved), now.score = score, now.better = true;
        break;
      }
    if (++now.next + 1 >= now.lambda.size()) {
      ++now.sweep;
      if (!now.better) now.step /= 2;
      now.next = 1, now.better = false;
    }
    if (!progress(std::as_const(now))) break;
  }
  result<grid> best = detail::grid_at(start.path(), start, now.lambda);
  if (!best) return *best.reason();
  return std::pair(std::move(best).value(), std::move(now));
}

}  // namespace diffode
