// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/range.hpp"
#include "diffode/method/solver_schedule.hpp"
#include "diffode/schedule/noise_path.hpp"
#include "diffode/search/dice.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace diffode {

/// Which schedules a search looks at: all of a number of evaluations between two times of a path.
///
/// Units       from, to: times of the path, with finite lambda
/// first       guesses for the first prediction that may be tried besides asking; each saves an evaluation for one step more
/// reach       how far mutations move a level, in mean step lengths of lambda
struct schedule_space {
  noise_path path;
  double from = 1, to = 1e-3;
  int evaluations = 5;
  std::vector<solver_form> forms{solver_form::data, solver_form::noise};
  int most_order = 3;
  int most_corrector = 3;  ///< order of pseudo correctors; 0 for none
  bool relaxes = true;
  std::vector<first_prediction> first{};
  std::vector<double> mean{};
  model_statistics statistics = model_statistics::data_prediction();
  double reach = 0.08;

  /// Nothing, or what makes no sense.
  fault check() const {
    using detail::refuse;
    constexpr std::string_view who = "schedule_space";
    if (const fault f = path.check()) return f;
    if (const fault f = detail::check_time(who, "from", from, path)) return f;
    if (const fault f = detail::check_time(who, "to", to, path)) return f;
    for (const double t : {from, to})
      if (!std::isfinite(path.at(t).lambda)) return refuse(errc::bad_grid, who, ": time ", t, " has lambda ", path.at(t).lambda, ", needs a time with a finite lambda");
    if (!(path.at(from).lambda < path.at(to).lambda)) return refuse(errc::bad_grid, who, ": lambda goes from ", path.at(from).lambda, " to ", path.at(to).lambda, ", needs to rise");
    if (evaluations < 1 || evaluations > 1000) return refuse(errc::bad_call, who, ": evaluations is ", evaluations, ", needs 1 to 1000");
    if (forms.empty()) return refuse(errc::bad_call, who, ": number of forms is 0, needs at least 1");
    if (most_order < 1 || most_order > 4) return refuse(errc::bad_call, who, ": most_order is ", most_order, ", needs 1 to 4");
    if (most_corrector < 0 || most_corrector > 4) return refuse(errc::bad_call, who, ": most_corrector is ", most_corrector, ", needs 0 to 4");
    if (!(reach > 0 && reach <= 1)) return refuse(errc::bad_call, who, ": reach is ", reach, ", needs a number above 0 and at most 1");
    for (const first_prediction f : first)
      if (f == first_prediction::mean_x0 && mean.empty()) return refuse(errc::bad_call, who, ": mean has 0 numbers, needs at least 1 with mean_x0");
    if (statistics.tabulated()) return refuse(errc::bad_call, who, ": statistics are a table, needs none: times are free, and a table holds at its lambdas only");
    return {};
  }
};

namespace detail {

/// A schedule while it is changed: its levels by their lambda, all of them.
struct genome {
  std::vector<double> lambda;
  std::vector<solver_step> steps;
  first_prediction first = first_prediction::asked;
};

inline genome genome_of(const schedule_space& in, const solver_schedule& s) {
  genome g{{}, s.steps, s.first};
  for (const double t : s.times) g.lambda.push_back(in.path.at(t).lambda);
  return g;
}
inline solver_schedule schedule_of(const schedule_space& in, const genome& g) {
  solver_schedule s{.steps = g.steps, .first = g.first, .statistics = in.statistics};
  if (g.first == first_prediction::mean_x0) s.mean = in.mean;
  s.steps.back().corrector = solver_corrector::none;
  for (const double lambda : g.lambda) s.times.push_back(in.path.at_lambda(lambda).t);
  s.times.front() = in.from, s.times.back() = in.to;
  return s;
}

inline solver_step any_step(const schedule_space& in, dice& d) {
  solver_step s{.form = in.forms[d.below(in.forms.size())], .predict = {.order = d.between(1, in.most_order)}};
  const int corrector = in.most_corrector > 0 ? d.between(0, in.most_corrector) : 0;
  if (corrector > 1) s.corrector = solver_corrector::pseudo, s.correct.order = corrector;
  return s;
}

/// Sorts the levels, keeps them apart, and makes their number fit: one step for each evaluation, and one for a guess.
inline void mend(const schedule_space& in, genome& g, dice& d) {
  const double low = in.path.at(in.from).lambda, high = in.path.at(in.to).lambda;
  const std::size_t wanted = static_cast<std::size_t>(in.evaluations) + (g.first == first_prediction::asked ? 0 : 1);
  while (g.steps.size() < wanted) {
    const std::size_t i = d.below(g.steps.size());
    g.lambda.insert(g.lambda.begin() + static_cast<std::ptrdiff_t>(i) + 1, 0.5 * (g.lambda[i] + g.lambda[i + 1]));
    g.steps.insert(g.steps.begin() + static_cast<std::ptrdiff_t>(i), g.steps[i]);
  }
  while (g.steps.size() > wanted) {
    const std::size_t i = d.below(g.steps.size() - 1);
    g.lambda.erase(g.lambda.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    g.steps.erase(g.steps.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::sort(g.lambda.begin(), g.lambda.end());
  const std::size_t n = wanted;
  const double gap = 0.01 * (high - low) / static_cast<double>(n);
  g.lambda[0] = low, g.lambda[n] = high;
  for (std::size_t i = 1; i < n; ++i) g.lambda[i] = std::max(g.lambda[i], g.lambda[i - 1] + gap);
  for (std::size_t i = n; i-- > 1;) g.lambda[i] = std::min(g.lambda[i], g.lambda[i + 1] - gap);
}

}  // namespace detail

/// The k-th schedule that a search begins with: on equal steps of lambda, DPM-Solver++(2M), UniPC-2 and plain expansions of
/// every form and order, then schedules of random choices on steps that are moved a little.
inline solver_schedule first_schedule(const schedule_space& in, std::size_t k, dice d) {
  detail::genome g;
  const double low = in.path.at(in.from).lambda, high = in.path.at(in.to).lambda;
  for (int i = 0; i <= in.evaluations; ++i) g.lambda.push_back(low + (high - low) * i / in.evaluations);
  const std::size_t orders = static_cast<std::size_t>(in.most_order), plain = in.forms.size() * orders * 2;
  for (int i = 0; i < in.evaluations; ++i) {
    if (k < plain) {
      const int order = 1 + static_cast<int>(k / 2 % orders);
      solver_step s{.form = in.forms[k / 2 / orders], .predict = {.order = order, .relax = order == 2 && in.relaxes ? relaxation::bh2 : relaxation::factor}};
      if (k % 2 == 1 && in.most_corrector > 1) s.corrector = solver_corrector::pseudo, s.correct.order = std::min(order + 1, in.most_corrector);
      g.steps.push_back(s);
    } else {
      g.steps.push_back(detail::any_step(in, d));
      if (i > 0) g.lambda[static_cast<std::size_t>(i)] += 3 * in.reach * (high - low) / in.evaluations * d.normal();
    }
  }
  if (k >= plain && !in.first.empty() && d.chance(0.5)) g.first = in.first[d.below(in.first.size())];
  detail::mend(in, g, d);
  return detail::schedule_of(in, g);
}

/// A child of two schedules of the space: choices of the one, some of the other's, and some changed.
inline solver_schedule child_of(const schedule_space& in, const solver_schedule& mother, const solver_schedule& father, dice d) {
  detail::genome g = detail::genome_of(in, mother);
  if (d.chance(0.3) && father.steps.size() == g.steps.size())
    for (std::size_t i = 0; i < g.steps.size(); ++i)
      if (d.chance(0.5)) g.steps[i] = father.steps[i];
  if (!in.first.empty() && d.chance(0.1)) {
    const std::size_t k = d.below(in.first.size() + 1);
    g.first = k == 0 ? first_prediction::asked : in.first[k - 1];
  }
  // Large changes find the region, small ones its bottom.
  const double size = std::pow(10.0, -1.5 * d.uniform()), spread = in.reach * (g.lambda.back() - g.lambda.front()) / in.evaluations;
  for (std::size_t i = 1; i + 1 < g.lambda.size(); ++i)
    if (d.chance(0.3)) g.lambda[i] += 2 * size * spread * d.normal();
  for (solver_step& s : g.steps) {
    const solver_step other = detail::any_step(in, d);
    if (d.chance(0.1 * size)) s.form = other.form;
    if (d.chance(0.1 * size)) s.predict.order = other.predict.order;
    if (d.chance(0.1 * size)) s.corrector = other.corrector, s.correct.order = other.correct.order;
    if (!in.relaxes) continue;
    if (d.chance(0.2)) s.predict.relax = relaxation::factor, s.predict.amount *= std::exp(0.4 * size * d.normal());
    if (d.chance(0.2) && s.corrector != solver_corrector::none) s.correct.amount *= std::exp(0.4 * size * d.normal());
  }
  detail::mend(in, g, d);
  return detail::schedule_of(in, g);
}

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
  void mix(const expansion& e) {
    mix(e.order), mix(e.relax), mix(e.amount);
    for (const std::vector<int>& ages : e.points) {
      mix(std::uint64_t{ages.size()});
      for (const int age : ages) mix(age);
    }
  }
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
  for (const solver_step& step : s.steps) all.mix(step.form), all.mix(step.predict.order), all.mix(step.corrector == solver_corrector::none ? 0 : step.correct.order);
  return all.value();
}

/// A schedule as numbers of like size for a predictor: of every step its place, length and choices; steps that it has less
/// than the longest of the space are zeros.
inline std::vector<double> features_of(const schedule_space& in, const solver_schedule& s) {
  const detail::genome g = detail::genome_of(in, s);
  const double low = g.lambda.front(), span = g.lambda.back() - low, count = static_cast<double>(in.evaluations);
  std::vector<double> all;
  for (std::size_t i = 0; i < static_cast<std::size_t>(in.evaluations) + (in.first.empty() ? 0 : 1); ++i) {
    if (i >= g.steps.size()) {
      all.insert(all.end(), 8, 0.0);
      continue;
    }
    const solver_step& step = g.steps[i];
    const bool corrects = step.corrector != solver_corrector::none;
    const double h = (g.lambda[i + 1] - g.lambda[i]) / span * count;
    all.insert(all.end(), {count * (g.lambda[i] - low) / span - static_cast<double>(i), std::log(h), step.form == solver_form::noise ? 1.0 : 0.0,
                           step.form == solver_form::v3 ? 1.0 : 0.0, static_cast<double>(step.predict.order), corrects ? static_cast<double>(step.correct.order) : 0.0,
                           step.predict.relax == relaxation::factor ? step.predict.amount : 0.9, corrects ? step.correct.amount : 0.0});
  }
  if (!in.first.empty()) all.insert(all.end(), {s.first == first_prediction::asked ? 0.0 : 1.0, s.first == first_prediction::mean_x0 ? 1.0 : 0.0});
  return all;
}

}  // namespace diffode
