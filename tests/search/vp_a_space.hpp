// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/vp_linear.hpp"
#include "diffode/search/schedule_space.hpp"
#include "search/vp_a.hpp"

#include <cmath>
#include <cstddef>

namespace diffode_test {

inline diffode::schedule_space vp_a_space(int evaluations) {
  const diffode::grid g = vp_a_grid(1);
  return {.path = diffode::vp_linear{}, .from = g.front().t, .to = g.back().t, .evaluations = evaluations};
}

/// Cheap, and as rough as a real one: how far the choices are from a schedule that nobody knows.
inline double rough(const diffode::solver_schedule& s) {
  double sum = 0.01;
  for (std::size_t i = 0; i < s.steps.size(); ++i) {
    const double place = s.times[i] - std::sqrt(1 - static_cast<double>(i) / static_cast<double>(s.steps.size()));
    sum += place * place + 0.1 * std::abs(s.steps[i].predict.order - 2) + (s.steps[i].form == diffode::solver_form::noise ? 0.05 : 0) + 0.2 * std::abs(s.steps[i].predict.amount - 0.8);
  }
  return sum;
}

}  // namespace diffode_test
