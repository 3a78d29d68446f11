// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/search/schedule_space.hpp"

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace diffode {

namespace detail {

/// FNV-1a over words.
class fnv {
 public:
  void mix(std::uint64_t word) { hash_ = (hash_ ^ word) * 0x100000001b3u; }
  void mix(double number) { mix(std::bit_cast<std::uint64_t>(number)); }
  template <class Choice>
    requires(std::is_enum_v<Choice> || std::same_as<Choice, int>)
  void mix(Choice made) {
    mix(static_cast<std::uint64_t>(made));
  }
  void mix(const std::vector<std::vector<int>>& points) {
    for (const std::vector<int>& ages : points) {
      mix(std::uint64_t{ages.size()});
      for (const int age : ages) mix(age);
    }
  }
  void mix(const expansion& e) { mix(e.order), mix(e.relax), mix(e.amount), mix(e.points); }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace detail

/// A number that two schedules share only if they record the same.
inline std::uint64_t mark_of(const solver_schedule& s) {
  detail::fnv all;
  all.mix(s.first);
  for (const double t : s.times) all.mix(t);
  for (const double m : s.mean) all.mix(m);
  for (const solver_step& step : s.steps) all.mix(step.form), all.mix(step.start), all.mix(step.corrector), all.mix(step.predict), all.mix(step.correct);
  return all.value();
}

/// A number that two schedules of a space share if they differ in times and relaxations alone.
inline std::uint64_t kind_of(const solver_schedule& s) {
  detail::fnv all;
  all.mix(s.first);
  for (const solver_step& step : s.steps) {
    const bool corrects = step.corrector != solver_corrector::none;
    all.mix(step.form), all.mix(step.predict.order), all.mix(corrects ? step.correct.order : 0), all.mix(step.predict.points);
    if (corrects) all.mix(step.correct.points);
  }
  return all.value();
}

namespace detail {

/// How many evaluations estimate the derivatives, over those that usually do; 1 where nothing is said of them.
inline double estimated_from(const expansion& e) {
  double named = 0, usual = 0;
  for (const std::vector<int>& ages : e.points)
    if (!ages.empty()) named += static_cast<double>(ages.size()), usual += e.order - 1;
  return usual > 0 ? named / usual : 1;
}

}  // namespace detail

/// A schedule as numbers of like size for a predictor: of every step its place, length and choices; steps that it has less
/// than the longest of the space are zeros.
inline std::vector<double> features_of(const schedule_space& in, const solver_schedule& s) {
  const detail::genome g = detail::genome_of(in, s);
  const double low = g.lambda.front(), span = g.lambda.back() - low, count = static_cast<double>(in.evaluations);
  std::vector<double> all;
  for (std::size_t i = 0; i < static_cast<std::size_t>(in.evaluations) + (in.first.empty() ? 0 : 1); ++i) {
    if (i >= g.steps.size()) {
      all.insert(all.end(), in.estimates ? 9 : 8, 0.0);
      continue;
    }
    const solver_step& step = g.steps[i];
    const bool corrects = step.corrector != solver_corrector::none;
    const double h = (g.lambda[i + 1] - g.lambda[i]) / span * count;
    all.insert(all.end(), {count * (g.lambda[i] - low) / span - static_cast<double>(i), std::log(h), step.form == solver_form::noise ? 1.0 : 0.0,
                           step.form == solver_form::v3 ? 1.0 : 0.0, static_cast<double>(step.predict.order), corrects ? static_cast<double>(step.correct.order) : 0.0,
                           step.predict.relax == relaxation::factor ? step.predict.amount : 0.9, corrects ? step.correct.amount : 0.0});
    if (in.estimates) all.push_back(detail::estimated_from(step.predict));
  }
  if (!in.first.empty()) all.insert(all.end(), {s.first == first_prediction::asked ? 0.0 : 1.0, s.first == first_prediction::mean_x0 ? 1.0 : 0.0});
  return all;
}

}  // namespace diffode
