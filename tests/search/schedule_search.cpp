// SPDX-License-Identifier: MIT
#include "diffode/search/schedule_search.hpp"

#include "catch.hpp"
#include "diffode/backend/thread_pool.hpp"
#include "diffode/search/objectives.hpp"
#include "effort.hpp"
#include "search/vp_a_space.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

/// Error over `count` quantiles.
auto vp_a_objective(std::size_t count) {
  const dd::grid g = vp_a_grid(1);
  return dd::error_to{dd::vp_linear{}, dd::eps(vp_a_model{}), quantiles(g.front(), count), quantiles(g.back(), count)};
}

bool same(const dd::search_report& a, const dd::search_report& b) {
  if (a.tried != b.tried || a.finished != b.finished || a.best.size() != b.best.size()) return false;
  for (std::size_t k = 0; k < a.best.size(); ++k)
    if (a.best[k].score != b.best[k].score || a.best[k].index != b.best[k].index || dd::mark_of(a.best[k].schedule) != dd::mark_of(b.best[k].schedule)) return false;
  return true;
}

template <class Objective, class Progress>
dd::result<dd::search_report> watched(const dd::schedule_space& in, const Objective& f, const dd::search_options& o, Progress progress) {
  dd::caller alone;
  dd::no_log log;
  return dd::try_schedule_search(in, f, o, alone, log, progress);
}

std::string refusal(const dd::schedule_space& in, const dd::search_options& o = {}) {
  const auto r = dd::try_schedule_search(in, rough, o);
  return r ? "accepted" : r.reason()->what();
}

}  // namespace

TEST_CASE("searched schedules for the mixture are better than the known ones by this much, on quantiles that the search never saw") {
  const int counts[] = {5, 6, 8, 10};
  const double wanted[] = {0.0198, 0.0079, 0.0076, 0.0071};
  dd::thread_pool threads;
  for (std::size_t k = 0; k < (is_short() ? 1u : 4u); ++k) {
    dd::no_log log;
    const auto found = dd::try_schedule_search(vp_a_space(counts[k]), vp_a_objective(64), {.seed = 1, .evaluations = 20'000, .generations = 0}, threads, log,
                                               [](const dd::search_progress&) { return true; });
    const dd::scored best = dd::rescored(found.value().best, vp_a_objective(128))[0];
    const double error = vp_a_objective(400)(best.schedule);
    INFO(counts[k] << " evaluations: " << vp_a_objective(64)(best.schedule) << " on the quantiles of the search, " << best.score << " on those it was chosen on, " << error << " on others");
    CHECK(error <= wanted[k]);
  }
}

TEST_CASE("schedules that are scored again are in the order of the new scores") {
  std::vector<dd::scored> some;
  for (std::size_t k = 0; k < 4; ++k) some.push_back({dd::first_schedule(vp_a_space(3), k, dd::dice(0, k)), 1, k});
  const double again[] = {3, std::nan(""), 2, 3};
  std::size_t turn = 0;
  const std::vector<dd::scored> sorted = dd::rescored(some, [&](const dd::solver_schedule& s) {
    CHECK(dd::mark_of(s) == dd::mark_of(some[turn].schedule));
    return again[turn++];
  });
  REQUIRE(sorted.size() == 4);
  const std::size_t order[] = {2, 0, 3, 1};
  for (std::size_t k = 0; k < 4; ++k) CHECK(sorted[k].index == order[k]);
  CHECK(sorted[1].score == 3);
  CHECK(sorted[3].score == std::numeric_limits<double>::infinity());
}

TEST_CASE("a search is the same for any number of threads") {
  for (const std::size_t generations : {0u, 3u}) {
    const dd::search_options o{.seed = 5, .evaluations = 150, .population = 20, .generations = generations, .children = 20};
    const dd::search_report alone = dd::schedule_search(vp_a_space(4), vp_a_objective(16), o);
    CHECK(alone.finished);
    CHECK(alone.tried == 150);
    for (const std::size_t count : {1u, 2u, 3u}) {
      dd::thread_pool threads(count);
      dd::no_log log;
      CHECK(same(dd::try_schedule_search(vp_a_space(4), vp_a_objective(16), o, threads, log, [](const dd::search_progress&) { return true; }).value(), alone));
    }
    dd::search_options other = o;
    other.seed = 6;
    CHECK_FALSE(same(dd::schedule_search(vp_a_space(4), vp_a_objective(16), other), alone));
  }
}

TEST_CASE("with a predictor a search gets further in as many tries") {
  // Medians of eight searches each way, with seeds that are fixed.
  std::vector<double> guided, plain;
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    for (const bool with : {true, false}) {
      const dd::search_options o{.seed = seed, .evaluations = 200, .generations = with ? 6u : 0u};
      (with ? guided : plain).push_back(dd::schedule_search(vp_a_space(6), rough, o).best[0].score);
    }
  std::sort(guided.begin(), guided.end());
  std::sort(plain.begin(), plain.end());
  INFO("medians: " << guided[4] << " guided, " << plain[4] << " plain");
  CHECK(guided[4] < plain[4]);
}

TEST_CASE("a search tells how far it is, and stops when asked to") {
  std::vector<dd::search_progress> seen;
  const dd::search_options o{.evaluations = 100, .population = 10, .generations = 0};
  const dd::search_report all = watched(vp_a_space(3), rough, o, [&](const dd::search_progress& p) { return seen.push_back(p), true; }).value();
  REQUIRE(seen.size() == 100);
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < seen.size(); ++k) {
    CHECK(seen[k].tried == k + 1);
    CHECK(seen[k].evaluations == 100);
    best = std::min(best, seen[k].score);
    CHECK(seen[k].best == best);
  }
  CHECK(all.best[0].score == best);
  // Stopped in a later batch, and in the first population: what it found is the best of all that were tried.
  for (const std::size_t stop : {37u, 4u}) {
    dd::search_progress last{};
    const dd::search_report some = watched(vp_a_space(3), rough, o, [&](const dd::search_progress& p) { return last = p, p.tried < stop; }).value();
    CHECK_FALSE(some.finished);
    CHECK(some.tried >= stop);
    CHECK(some.tried == last.tried);
    REQUIRE(!some.best.empty());
    CHECK(some.best[0].score == last.best);
  }
}

TEST_CASE("scores that are no numbers are worse than any, and what the objective throws comes out") {
  std::size_t tries = 0;
  const auto partly = [&](const dd::solver_schedule& s) { return ++tries % 3 == 0 ? std::nan("") : s.steps[0].predict.order == 2 ? std::numeric_limits<double>::infinity() : rough(s); };
  const dd::search_report done = dd::schedule_search(vp_a_space(4), partly, {.evaluations = 80, .population = 10, .generations = 2, .children = 10});
  CHECK(std::isfinite(done.best[0].score));
  CHECK_THROWS_AS(dd::schedule_search(vp_a_space(4), [](const dd::solver_schedule&) -> double { throw std::runtime_error("no model"); }), std::runtime_error);
}

TEST_CASE("an objective of a distance is handed the samples") {
  const dd::grid g = vp_a_grid(1);
  const auto mean = [](std::span<const double> x) {
    double sum = 0;
    for (const double v : x) sum += v;
    return std::abs(sum / static_cast<double>(x.size()) - 0.05);
  };
  const dd::distance_of f{dd::vp_linear{}, dd::eps(vp_a_model{}), quantiles(g.front(), 200), mean};
  dd::solver_schedule s = dd::first_schedule(vp_a_space(20), 2, dd::dice(0, 0));
  CHECK(f(s) < 0.05);
  s.times[3] = s.times[2];
  CHECK(f(s) == std::numeric_limits<double>::infinity());
}

TEST_CASE("the predictor puts schedules that it has not seen in about the right order") {
  const dd::schedule_space in = vp_a_space(5);
  std::vector<std::vector<double>> features;
  std::vector<double> scores;
  for (std::size_t k = 0; k < 200; ++k) {
    const dd::solver_schedule s = dd::first_schedule(in, k, dd::dice(3, k));
    features.push_back(dd::features_of(in, s));
    scores.push_back(rough(s));
  }
  const dd::surrogate predicted(features, scores);
  int right = 0, pairs = 0;
  std::vector<dd::solver_schedule> held_out;
  for (std::size_t k = 0; k < 60; ++k) held_out.push_back(dd::first_schedule(in, 1000 + k, dd::dice(4, k)));
  for (std::size_t i = 0; i < held_out.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      ++pairs;
      right += (predicted(dd::features_of(in, held_out[i])) < predicted(dd::features_of(in, held_out[j]))) == (rough(held_out[i]) < rough(held_out[j]));
    }
  INFO(right << " of " << pairs << " pairs");
  CHECK(right > 0.7 * pairs);
  // Where it was fitted it remembers, but for what the ridge takes.
  for (std::size_t k = 0; k < 200; k += 20) CHECK(predicted(features[k]) == Approx(std::log(scores[k])).margin(0.3));
}

TEST_CASE("dice are fair and throw the same on every machine") {
  dd::dice d(7, 3), again(7, 3), other(7, 4);
  double sum = 0, square = 0, normal = 0, normal_square = 0;
  std::size_t faces[6] = {};
  const int count = 60'000;
  for (int k = 0; k < count; ++k) {
    const double u = d.uniform(), z = d.normal();
    sum += u, square += u * u, normal += z, normal_square += z * z;
    ++faces[d.below(6)];
  }
  // Five standard errors each: one in 1.7 million fails by chance, and the seed is fixed.
  const double root = std::sqrt(static_cast<double>(count));
  CHECK(std::abs(sum / count - 0.5) < 5 * std::sqrt(1.0 / 12) / root);
  CHECK(std::abs(square / count - 1.0 / 3) < 5 * std::sqrt(4.0 / 45) / root);
  CHECK(std::abs(normal / count) < 5 / root);
  CHECK(std::abs(normal_square / count - 1) < 5 * std::sqrt(2.0) / root);
  for (const std::size_t f : faces) CHECK(std::abs(static_cast<double>(f) - count / 6.0) < 5 * std::sqrt(count * 5.0 / 36));
  const double first = again.uniform();
  CHECK(first == dd::dice(7, 3).uniform());
  CHECK(first != other.uniform());
}

TEST_CASE("spaces and options that make no sense are refused") {
  const dd::schedule_space good = vp_a_space(4);
  const auto with = [&](auto change) {
    dd::schedule_space in = good;
    change(in);
    return refusal(in, {.evaluations = 2, .population = 2});
  };
  CHECK(with([](auto&) {}) == "accepted");
  CHECK(with([](auto& in) { in.to = 0; }) == "schedule_space: time 0 has lambda inf, needs a time with a finite lambda");
  CHECK(with([](auto& in) { in.from = 2; }) == "schedule_space: from is 2, needs a time of vp_linear, from 0 to 1");
  CHECK(with([](auto& in) { std::swap(in.from, in.to); }).find("schedule_space: lambda goes from 4.") == 0);
  CHECK(with([](auto& in) { in.evaluations = 0; }) == "schedule_space: evaluations is 0, needs 1 to 1000");
  CHECK(with([](auto& in) { in.forms.clear(); }) == "schedule_space: number of forms is 0, needs at least 1");
  CHECK(with([](auto& in) { in.most_order = 5; }) == "schedule_space: most_order is 5, needs 1 to 4");
  CHECK(with([](auto& in) { in.most_corrector = 5; }) == "schedule_space: most_corrector is 5, needs 0 to 4");
  CHECK(with([](auto& in) { in.first = {dd::first_prediction::mean_x0}; }) == "schedule_space: mean has 0 numbers, needs at least 1 with mean_x0");
  CHECK(with([](auto& in) { in.reach = 0; }) == "schedule_space: reach is 0, needs a number above 0 and at most 1");
  CHECK(refusal(good, {.evaluations = 0}) == "schedule_search: evaluations is 0, needs at least 1");
  CHECK(refusal(good, {.population = 1}) == "schedule_search: population is 1, needs at least 2");
  CHECK(refusal(good, {.parents = 0}) == "schedule_search: parents is 0, needs at least 1");
  CHECK(refusal(good, {.batch = 0}) == "schedule_search: batch is 0, needs at least 1");
  CHECK(refusal(good, {.children = 0}) == "schedule_search: children is 0, needs at least 1");
  CHECK(refusal(good, {.explore = 2}) == "schedule_search: explore is 2, needs a number from 0 to 1");
  CHECK(refusal(good, {.learned_from = 1}) == "schedule_search: learned_from is 1, needs 2 to 5000");
}
