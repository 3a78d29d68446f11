// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"
#include "diffode/grid/rounding.hpp"
#include "diffode/schedule/discrete.hpp"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// How training steps are picked, under the names of `timestep_spacing` in `scheduler_config.json`.
enum class spacing { linspace, leading, trailing };

/// Which of two conventions of that name. T is the number of training steps, L <= T the number of usable ones, n the
/// count, i = 0..n-1.
///
///              ddim (DDIM, DDPM, PNDM, Euler, Heun, LMS)   dpm (DPM-Solver, UniPC, DEIS)
///   linspace   n of linspace(L-1, 0), both ends            n + 1 of linspace(L-1, 0), rounded, without the 0
///   leading    (n-1-i) floor(L/n) + offset                 (n-i) floor(L/(n+1)) + offset
///   trailing   round(L - i T/n) - 1                        the same
///   ascending  the same steps, reversed                    linspace, leading: from step 0 on; trailing: reversed
enum class spacing_family { ddim, dpm };

/// offset     added to leading steps ("steps_offset"); the other rules do not use it, as in those pipelines
/// usable     steps that may be used, counted from the clean end; 0 means all (see `clipped`)
/// rounded    whether linspace of the ddim family is rounded: yes for DDIM, DDPM, PNDM, no for the classes in sigma
/// ascending  from clean to noisy, for inversion
struct spacing_options {
  spacing rule = spacing::leading;
  spacing_family family = spacing_family::ddim;
  int count = 0;
  int offset = 0;
  int usable = 0;
  bool rounded = true;
  bool ascending = false;
  ending end = ending::zero;
};

namespace detail {

/// Entry i of `count` + 1 equidistant values from 0 to `top`, in the arithmetic of numpy's linspace.
inline double linspace_at(double top, int count, int i) {
  return i == count ? top : rounded_product(i, top / count);
}

/// Nothing, or why `values` steps can not be picked out of `train_steps`.
inline fault check(std::string_view who, int train_steps, const spacing_options& o, int values) {
  if (train_steps < 2)
    return refuse(errc::bad_grid, who, ": train_steps is ", train_steps, ", needs at least 2");
  if (o.usable < 0 || o.usable > train_steps)
    return refuse(errc::bad_grid, who, ": usable is ", o.usable, ", needs an integer from 0 to ",
                  train_steps);
  const int usable = o.usable == 0 ? train_steps : o.usable;
  const bool dpm = o.family == spacing_family::dpm;
  const bool fractional = o.rule == spacing::linspace && !dpm && !o.rounded;
  const int most = o.rule == spacing::trailing ? train_steps : dpm ? usable - 1 : usable;
  if (o.count < 1 || o.count > most_steps || (values > most && !fractional))
    return refuse(errc::bad_grid, who, ": count is ", o.count, ", needs an integer from 1 to ",
                  most - (values - o.count));
  const int room =
      train_steps - 1 - (dpm ? values * (usable / (values + 1)) : (values - 1) * (usable / values));
  if (o.rule == spacing::leading && (o.offset < 0 || o.offset > room))
    return refuse(errc::bad_grid, who, ": offset is ", o.offset, ", needs an integer from 0 to ", room);
  return o.end.check(who);
}

/// `n` steps as `o` says, checked before.
inline std::vector<double> pick_steps(int train_steps, const spacing_options& o, int n) {
  const int usable = o.usable == 0 ? train_steps : o.usable;
  const bool dpm = o.family == spacing_family::dpm;
  std::vector<double> steps;  // ascending
  for (int i = 0; i < n; ++i) {
    if (o.rule == spacing::leading) {
      const int stride = usable / (dpm ? n + 1 : n);
      steps.push_back((dpm && !o.ascending ? i + 1 : i) * stride + o.offset);
    } else if (o.rule == spacing::linspace) {
      const int parts = dpm ? n : n - 1, k = dpm && !o.ascending ? i + 1 : i;
      const double step = parts == 0 ? usable - 1 : linspace_at(usable - 1, parts, k);
      steps.push_back(dpm || o.rounded ? round_half_even(step) : step);
    } else {
      // numpy's arange adds i times the *rounded* difference of its first two values to the first one.
      const double top = usable, stride = (top - static_cast<double>(train_steps) / n) - top;
      const double step = round_half_even(top + rounded_product(n - 1 - i, stride)) - 1;
      if (step >= 0) steps.push_back(step);
    }
  }
  if (o.ascending) return steps;
  return std::vector<double>(steps.rbegin(), steps.rend());
}

}  // namespace detail

/// `count` training steps that a spacing picks out of `train_steps`, noisy to clean unless ascending; `end` has no
/// part in it.
///
/// Rounding  half to even, on the same doubles as numpy makes them, so that every step equals that of the Python
///           pipelines. Counts are integers: trailing has exactly `count` entries where accumulated strides give one
///           more (61, 103, 121, ...); with usable < train_steps those that fall below 0 are left out
/// Differs   one step of linspace is T - 1, where numpy's linspace gives 0
/// Errors    refuses train_steps < 2, usable outside 0..train_steps, count outside what gives distinct steps, an offset
///           that leaves the table
inline result<std::vector<double>> try_spaced_steps(int train_steps, spacing_options o) {
  if (const fault f = detail::check("spaced_steps", train_steps, o, o.count)) return *f;
  return detail::pick_steps(train_steps, o, o.count);
}

inline std::vector<double> spaced_steps(int train_steps, spacing_options o) {
  return try_spaced_steps(train_steps, o).value();
}

/// The levels of a table at the steps that a spacing picks, followed by the ending.
///
/// Source  set_timesteps of the schedulers of diffusers
/// Units   count: number of steps of the run, see `ending`; labels are training steps
/// Errors  those of spaced_steps and of the table
inline result<grid> try_spaced(const discrete& table, spacing_options o) {
  if (const fault f = table.check()) return *f;
  const int train_steps = static_cast<int>(table.log_alpha.size()), values = o.end.values(o.count);
  if (const fault f = detail::check("spaced", train_steps, o, values)) return *f;
  const noise_path path = table;
  std::vector<level<>> levels;
  for (const double step : detail::pick_steps(train_steps, o, values)) levels.push_back(table.at(step));
  return detail::finish("spaced", path, std::move(levels), o.end);
}

inline grid spaced(const discrete& table, spacing_options o) { return try_spaced(table, o).value(); }

}  // namespace diffode
