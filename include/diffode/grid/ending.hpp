// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <cmath>
#include <string_view>

namespace diffode {

/// What follows the last value of a grid rule.
///
///   ending::zero       clean data, sigma = 0 (k-diffusion, EDM, sigma-space pipelines)
///   ending::keep       nothing: the run ends at the last value of the rule
///   ending::repeat     the last value once more: a step of length zero, as some multistep pipelines have it
///   ending::at(sigma)  this sigma (sigma/alpha, or what the rule calls sigma); equal to the last value it is a repeat
///
/// `count` of a grid is its number of steps whatever the ending: a rule that is followed by something makes `count`
/// values, one that ends by itself makes `count + 1`.
struct ending {
  enum class kind { zero, keep, repeat, sigma };

  kind how = kind::zero;
  double sigma = 0;

  static const ending zero, keep, repeat;
  static constexpr ending at(double sigma) { return {kind::sigma, sigma}; }

  /// Counts from here on are no counts of steps (and one more would not be an int).
  static constexpr int most = 1'000'000'000;
  /// Number of values that the rule itself makes for `count` steps.
  constexpr int values(int count) const { return how == kind::keep && count < most ? count + 1 : count; }

  fault check(std::string_view who) const {
    if (how == kind::sigma && !(std::isfinite(sigma) && sigma >= 0))
      return detail::refuse(errc::bad_grid, who, ": ending is at sigma ", sigma,
                            ", needs a finite number not below 0");
    return {};
  }
};

inline constexpr ending ending::zero{kind::zero, 0};
inline constexpr ending ending::keep{kind::keep, 0};
inline constexpr ending ending::repeat{kind::repeat, 0};

}  // namespace diffode
