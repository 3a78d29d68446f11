// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/discrete.hpp"

namespace diffode {

/// A table told in times up to 1: entry i of N is at t = (i + 1)/N.
///
/// Source  Lu et al. 2022, arXiv:2206.00927 (dpm-solver, UniPC, DPM-Solver-v3), with interpolation::log_alpha
/// Units   t in (0, 1]
/// Label   the index in the table, as for `discrete`: what a model of N training steps was told
/// Differs from dpm-solver, which tells 1000 (t - 1/N) whatever N is, and whose times are spread anew over a clipped
///         table
/// Errors  those of the table
struct unit_time {
  discrete table;

  static constexpr std::string_view name = "unit_time";

  level<> at(double t) const {
    level<> l = table.at(t * length() - 1);
    l.t = t;
    return l;
  }

  level<> at_lambda(double lambda) const {
    level<> l = table.at_lambda(lambda);
    l.t = (l.t + 1) / length();
    return l;
  }

  time_range range() const {
    const time_range r = table.range();
    return {(r.clean + 1) / length(), (r.noisy + 1) / length()};
  }

  fault check() const { return table.check(); }

 private:
  double length() const { return static_cast<double>(table.log_alpha.size()); }
};

static_assert(noise_schedule<unit_time>);

}  // namespace diffode
