// SPDX-License-Identifier: MIT
#pragma once

#include "cases.hpp"
#include "contender.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace diffode_bench {

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// What one contender took, in seconds for one evaluation.
struct timing {
  std::vector<double> rounds;

  double best() const { return *std::min_element(rounds.begin(), rounds.end()); }
};

/// The middle of the ratios of two contenders, round by round: what a neighbour on the machine takes, it takes from both.
inline double ratio(const timing& a, const timing& b) {
  std::vector<double> all;
  for (std::size_t k = 0; k < a.rounds.size() && k < b.rounds.size(); ++k) all.push_back(a.rounds[k] / b.rounds[k]);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

/// How long to measure.
struct effort {
  double seconds = 0.4;                ///< for all contenders of one case together
  double round = 30e-6;                ///< at least so long between two looks at the clock
  std::size_t least = 5, most = 4000;  ///< rounds
  double pause = 0;                    ///< seconds before each evaluation that are not counted, in which other threads fall asleep
};

/// A contender, measured a few evaluations at a time, each time in a run begun anew: contenders may share their memory.
class measured {
 public:
  measured(contender& who, const effort& e) : who_(who), pause_(e.pause) {
    begin();
    const double each = timed(2);
    count_ = std::clamp(2 * static_cast<int>(std::ceil(e.round / each / 2)), 2, run_length - warm_up - wind_down);
  }

  timing times;

  void round() {
    begin();
    times.rounds.push_back(timed(count_));
  }

 private:
  void begin() {
    who_.restart();
    timed(warm_up);
  }
  /// As while a model is at work. Also before evaluations that are not timed: diffode finds out there whether threads that were asleep pay.
  void pause() const {
    const double over = seconds_now() + pause_;
    while (seconds_now() < over) {}
  }
  void go(int evaluations) {
    for (int k = 0; k < evaluations; ++k) who_.evaluate();
  }
  double timed(int evaluations) {
    if (pause_ == 0) return timed_at_once(evaluations) / evaluations;
    double sum = 0;
    for (int k = 0; k < evaluations; ++k) {
      pause();
      sum += timed_at_once(1);
    }
    return sum / evaluations;
  }
  double timed_at_once(int evaluations) {
    const double start = seconds_now();
    go(evaluations);
    return seconds_now() - start;
  }

  contender& who_;
  int count_ = 2;  ///< whole steps, also of two evaluations
  double pause_;
};

/// Lets contenders take turns until the time is over, each round in another order: some of what the one before has used is
/// still in the caches, and caches learn.
inline std::vector<timing> compete(const std::vector<contender*>& who, const effort& e) {
  std::vector<measured> all;
  all.reserve(who.size());
  for (contender* c : who) all.emplace_back(*c, e);
  std::vector<measured*> order;
  for (measured& m : all) order.push_back(&m);
  std::minstd_rand random;
  const double start = seconds_now();
  for (std::size_t k = 0; k < e.most && (k < e.least || seconds_now() - start < e.seconds); ++k) {
    std::shuffle(order.begin(), order.end(), random);
    for (measured* m : order) m->round();
  }
  std::vector<timing> times;
  for (measured& m : all) times.push_back(std::move(m.times));
  return times;
}

/// Nothing, or how far a contender is from the first one: the largest difference of what they show the model in a whole run,
/// as a share of the largest number shown.
inline std::string disagreement(const std::vector<contender*>& who, std::size_t size, double allowed) {
  for (contender* c : who) c->restart();
  double largest = 0;
  std::vector<double> off(who.size(), 0.0);
  for (int k = 0; k <= run_length - wind_down; ++k) {
    for (std::size_t i = 0; i < size; ++i) {
      const double right = who[0]->shown(i);
      largest = std::fmax(largest, std::abs(right));
      for (std::size_t c = 1; c < who.size(); ++c) {
        const double miss = std::abs(who[c]->shown(i) - right);
        if (!(miss <= off[c])) off[c] = miss;
      }
    }
    for (contender* c : who) c->evaluate();
  }
  for (std::size_t c = 1; c < who.size(); ++c)
    if (!(off[c] <= allowed * largest))
      return "contender " + std::to_string(c) + " is off by " + std::to_string(off[c] / largest) + " of the largest number, allowed is " + std::to_string(allowed);
  return {};
}

}  // namespace diffode_bench
