// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/executor.hpp"
#include "diffode/search/schedule_features.hpp"
#include "diffode/search/surrogate.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace diffode {

/// evaluations  how many schedules are tried, the ones that a log knows among them
/// population   tried at the beginning, before there is anything to learn from
/// parents      the best so many have children, of each combination of choices the best one
/// batch        tried between two looks at what was learned; a search is the same for any number of threads, not for any batch
/// generations  evolved against the predictor in each stage; 0 for evolution without a predictor
/// children     of each such generation
/// explore      share of a batch that is tried without asking the predictor, so that it does not go blind
/// learned_from the most tried schedules that the predictor is fitted to: the best, and the newest
struct search_options {
  std::uint64_t seed = 0;
  std::size_t evaluations = 2000, population = 40, parents = 15, batch = 16;
  std::size_t generations = 6, children = 60;
  double explore = 0.25;
  std::size_t learned_from = 256;
};

/// A schedule that was tried; `index` counts from 0 in the order of the search.
struct scored {
  solver_schedule schedule;
  double score = std::numeric_limits<double>::infinity();
  std::size_t index = 0;
};

/// How far a search is.
struct search_progress {
  std::size_t tried, evaluations;
  double score;  ///< of the schedule that was tried just now
  double best;   ///< of all so far
};

/// Remembers scores, so that a search that was killed goes on where it was.
/// Required  `known(index, mark)`           the score of try number `index`, if it is remembered for a schedule of that mark
///           `add(mark, tried)`             remembers; nothing, or why it could not. Called by one thread at a time
template <class L>
concept score_log = requires(L& l, std::size_t index, std::uint64_t mark, const scored& tried) {
  { l.known(index, mark) } -> std::same_as<std::optional<double>>;
  { l.add(mark, tried) } -> std::same_as<fault>;
};

/// Remembers nothing.
struct no_log {
  static std::optional<double> known(std::size_t, std::uint64_t) { return {}; }
  static fault add(std::uint64_t, const scored&) { return {}; }
};

/// best       those with the least scores, best first, of each combination of choices one; of all that were tried, also where
///            the search was stopped. Where scores come from few samples, rescored() tells which of them is best
/// finished   false where the progress callback said stop
struct search_report {
  std::vector<scored> best;
  std::size_t tried = 0;
  bool finished = false;
};

namespace detail {

inline fault check_search(const search_options& o) {
  constexpr std::string_view who = "schedule_search";
  if (o.evaluations < 1) return refuse(errc::bad_call, who, ": evaluations is 0, needs at least 1");
  if (o.population < 2) return refuse(errc::bad_call, who, ": population is ", o.population, ", needs at least 2");
  if (o.parents < 1) return refuse(errc::bad_call, who, ": parents is 0, needs at least 1");
  if (o.batch < 1) return refuse(errc::bad_call, who, ": batch is 0, needs at least 1");
  if (o.generations > 0 && o.children < 1) return refuse(errc::bad_call, who, ": children is 0, needs at least 1");
  if (!(o.explore >= 0 && o.explore <= 1)) return refuse(errc::bad_call, who, ": explore is ", o.explore, ", needs a number from 0 to 1");
  if (o.learned_from < 2 || o.learned_from > 5000) return refuse(errc::bad_call, who, ": learned_from is ", o.learned_from, ", needs 2 to 5000");
  return {};
}

inline bool better(const scored& a, const scored& b) { return a.score != b.score ? a.score < b.score : a.index < b.index; }

/// What a search knows, and what it tries next: decided by seed, options and scores alone.
class evolution {
 public:
  evolution(const schedule_space& in, const search_options& o) : in_(in), options_(o) {}

  /// The next schedules to try. Nothing that was tried is tried again, as far as chance finds something else.
  std::vector<solver_schedule> next() {
    const std::size_t tried = tried_.size(), left = options_.evaluations - tried;
    std::vector<solver_schedule> batch;
    if (tried == 0) {
      for (std::size_t k = 0; k < std::min(options_.population, left); ++k) batch.push_back(first_schedule(in_, k, thrown()));
      return batch;
    }
    const std::vector<scored> parents = best(options_.parents);
    const std::size_t size = std::min(options_.batch, left);
    const std::vector<scored> promising = guided(parents);
    const std::size_t asked = promising.empty() ? 0 : size - static_cast<std::size_t>(options_.explore * static_cast<double>(size));
    for (const scored& s : promising)
      if (batch.size() < asked) add_new(batch, s.schedule);
    for (std::size_t turn = 0; batch.size() < size; ++turn) add_new(batch, child(parents), turn > 20 * size);
    return batch;
  }

  /// Learns the scores of what next() returned, in its order.
  void learn(std::vector<scored> batch) {
    for (scored& s : batch) {
      marks_.insert(mark_of(s.schedule));
      tried_.push_back(std::move(s));
      const std::size_t newest = tried_.size() - 1;
      rank(ranking_, newest);
      const auto [leader, is_new] = leader_of_.try_emplace(kind_of(tried_[newest].schedule), newest);
      if (!is_new) {
        if (!better(tried_[newest], tried_[leader->second])) continue;
        std::erase(leaders_, std::exchange(leader->second, newest));
      }
      rank(leaders_, newest);
    }
  }
  std::size_t tried() const { return tried_.size(); }
  /// Of each combination of choices the best, best first: they are the parents, too. The best of all would soon be one family,
  /// which differs in times and strengths alone.
  std::vector<scored> best(std::size_t count) const {
    std::vector<scored> all;
    for (std::size_t k = 0; k < leaders_.size() && k < count; ++k) all.push_back(tried_[leaders_[k]]);
    return all;
  }

 private:
  dice thrown() { return dice(options_.seed, throws_++); }
  void rank(std::vector<std::size_t>& among, std::size_t which) const {
    among.insert(std::upper_bound(among.begin(), among.end(), which, [&](std::size_t x, std::size_t y) { return better(tried_[x], tried_[y]); }), which);
  }
  solver_schedule child(const std::vector<scored>& parents) {
    dice d = thrown();
    const std::size_t mother = d.below(parents.size()), father = d.below(parents.size());
    return child_of(in_, parents[mother].schedule, parents[father].schedule, thrown());
  }
  void add_new(std::vector<solver_schedule>& batch, solver_schedule s, bool whatever = false) {
    const std::uint64_t mark = mark_of(s);
    bool had = marks_.contains(mark);
    for (const solver_schedule& other : batch) had = had || mark_of(other) == mark;
    if (!had || whatever) batch.push_back(std::move(s));
  }

  /// Evolves the parents against a predictor; the most promising first. None without a predictor.
  std::vector<scored> guided(const std::vector<scored>& parents) {
    if (options_.generations == 0) return {};
    const std::vector<std::size_t> known = to_learn_from();
    if (known.size() < 2) return {};
    std::vector<std::vector<double>> features;
    std::vector<double> scores;
    for (const std::size_t k : known) features.push_back(features_of(in_, tried_[k].schedule)), scores.push_back(tried_[k].score);
    const surrogate predicted(std::move(features), scores);
    std::vector<scored> all, young = parents;
    for (std::size_t g = 0; g < options_.generations; ++g) {
      for (std::size_t k = 0; k < options_.children; ++k) {
        solver_schedule s = child(young);
        const double score = predicted(features_of(in_, s));
        all.push_back({std::move(s), score, all.size()});
      }
      std::sort(all.begin(), all.end(), better);
      if (all.size() > 4 * options_.children) all.resize(4 * options_.children);
      for (std::size_t k = 0; k < all.size(); ++k) all[k].index = k;
      young = parents;  // tried ones keep their children near what is known
      for (std::size_t k = 0; k < all.size() && k < options_.parents; ++k) young.push_back(all[k]);
    }
    return all;
  }

  /// The best, and of the rest the newest, among those with a score that has a logarithm.
  std::vector<std::size_t> to_learn_from() const {
    std::vector<std::size_t> usable;
    for (const std::size_t k : ranking_)
      if (std::isfinite(tried_[k].score) && tried_[k].score > 0) usable.push_back(k);
    const std::size_t most = options_.learned_from;
    if (usable.size() <= most) return usable;
    std::sort(usable.begin() + static_cast<std::ptrdiff_t>(most / 2), usable.end(), std::greater<>());
    usable.resize(most);
    return usable;
  }

  const schedule_space& in_;
  const search_options& options_;
  std::vector<scored> tried_;         ///< in the order of the search
  std::vector<std::size_t> ranking_;  ///< the same, best first
  std::vector<std::size_t> leaders_;  ///< of each combination of choices the best one, best first
  std::unordered_map<std::uint64_t, std::size_t> leader_of_;
  std::unordered_set<std::uint64_t> marks_;
  std::uint64_t throws_ = 0;
};

}  // namespace detail

/// Looks for the schedule with the least score: tries a population, fits a predictor to the scores, evolves schedules against
/// it, tries the most promising, and so on with what was learned.
///
/// in          the schedules that may be
/// objective   objective(const solver_schedule&) -> double, smaller is better; called from several threads at once. Not
///             finite counts as worse than anything
/// on          lends the threads; the result is the same with any number of them
/// log         remembers scores: with the same space, options and objective, a search that was killed and started again
///             ends as if it had not been, and a larger `evaluations` continues an old one
/// progress    progress(const search_progress&) -> bool, false to stop; called by one thread at a time
/// Source      Liu et al. 2023, arXiv:2312.07243, the multi-stage predictor-based search of its abstract. Its predictor is not
///             described in what is public; this one is surrogate.hpp's. Evolution alone (generations = 0)
///             is what the authors' code does
/// Errors      refuses a space or options that make no sense, and what the log refuses; what the objective throws comes out
template <class Objective, executor E, score_log Log, class Progress>
result<search_report> try_schedule_search(const schedule_space& in, Objective&& objective, const search_options& o, E& on, Log& log, Progress&& progress) {
  if (const fault f = in.check()) return *f;
  if (const fault f = detail::check_search(o)) return *f;
  constexpr double worst = std::numeric_limits<double>::infinity();
  detail::evolution search(in, o);
  std::mutex mutex;
  fault wrong;
  std::atomic<bool> stopped = false;
  std::size_t tried = 0;
  double best = worst;
  const auto took = [&](const scored& s, bool is_new) {
    const std::lock_guard lock(mutex);
    if (is_new && !wrong) wrong = log.add(mark_of(s.schedule), s);
    best = std::min(best, s.score);
    if (wrong || !progress(search_progress{++tried, o.evaluations, s.score, best})) stopped = true;
  };
  while (search.tried() < o.evaluations && !stopped) {
    std::vector<scored> batch;
    for (solver_schedule& s : search.next()) batch.push_back({std::move(s), worst, search.tried() + batch.size()});
    const std::size_t first = search.tried();
    std::vector<std::size_t> open;
    for (scored& s : batch) {
      if (const std::optional<double> known = log.known(s.index, mark_of(s.schedule))) {
        s.score = *known;
        took(s, false);
      } else open.push_back(s.index - first);
    }
    std::vector<char> skipped(batch.size());  // not bool: written by several threads
    on.run(open.size(), [&](std::size_t part) {
      scored& s = batch[open[part]];
      if (stopped) return void(skipped[open[part]] = true);
      const double score = objective(std::as_const(s.schedule));
      s.score = std::isfinite(score) ? score : worst;
      took(s, true);
    });
    if (wrong) return *wrong;
    // What was tried of a batch that was broken off counts, too.
    std::erase_if(batch, [&](const scored& s) { return skipped[s.index - first] != 0; });
    search.learn(std::move(batch));
  }
  return search_report{search.best(o.parents), search.tried(), search.tried() >= o.evaluations};
}

/// The same on the calling thread alone, without a log and without being watched.
template <class Objective>
result<search_report> try_schedule_search(const schedule_space& in, Objective&& objective, const search_options& o = {}) {
  caller alone;
  no_log log;
  return try_schedule_search(in, objective, o, alone, log, [](const search_progress&) { return true; });
}
template <class Objective>
search_report schedule_search(const schedule_space& in, Objective&& objective, const search_options& o = {}) {
  return try_schedule_search(in, objective, o).value();
}

/// Schedules that a search found, scored again, best first: by an objective on samples that the search never saw, since on
/// those that it saw the first of them was also the luckiest. What this finds may be tested on a third set.
template <class Objective>
std::vector<scored> rescored(std::vector<scored> found, Objective&& objective) {
  for (scored& s : found) {
    const double score = objective(std::as_const(s.schedule));
    s.score = std::isfinite(score) ? score : std::numeric_limits<double>::infinity();
  }
  std::sort(found.begin(), found.end(), detail::better);
  return found;
}

}  // namespace diffode
