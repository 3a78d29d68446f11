// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>

namespace diffode::detail {

struct wall_clock {
  /// Seconds. Somebody may set the clock between two looks: of three times the middle one bears a wrong one. <chrono> would cost more
  /// to include than all else here.
  static double now() {
    std::timespec t{};
    std::timespec_get(&t, TIME_UTC);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
};

/// Finds out whether several threads are faster than one at what one does in about the time that another takes to wake up. On some
/// machines that is a few microseconds and on others fifty; and who did the work last has it in the caches.
///
/// Works of 2^k to 2^(k + 1) bytes are one kind. Of each kind, eight in a row are tried at times, four as at present and four the
/// other way, and the other way is taken from then on if its median is less; the first of each four does not count, as it finds what it needs
/// in other caches. The first trial is of works 0 to 7. After one that changes the way 32 works pass before the next, after one that
/// does not twice as many as the last time, up to 1024: in the long run a trial costs next to nothing.
/// Safe to use from several threads: what they do to each other's trials is a matter of speed alone.
template <class Clock = wall_clock>
class threads_pay {
 public:
  explicit threads_pay(std::uint32_t first_number = 0) {
    for (kind& k : kinds_) k.count = k.trial = first_number;  // a test begins before the last one there is
  }

  /// Calls work(whether several threads are to do it).
  template <class Work>
  void run(std::size_t bytes, Work work) const {
    kind& of = kinds_[__builtin_clzll(bytes | 1)];
    const std::uint32_t place = __atomic_fetch_add(&of.count, 1, __ATOMIC_RELAXED) - get(of.trial);
    const bool several = get(of.several);
    if (place >= works_in_trial) {
      if (place < passed && place > works_in_trial + longest_pause) set(of.trial, get(of.trial) + place + 1);  // the last one never came to its end
      return work(several);
    }
    const bool other_way = place >= ways, now = several != other_way;
    const double start = Clock::now();
    work(now);
    set(of.took[now][place % ways], Clock::now() - start);
    if (place + 1 == works_in_trial) of.judge();
  }

  /// Whether several threads do such works at present, but for trials.
  bool pays(std::size_t bytes) const { return get(kinds_[__builtin_clzll(bytes | 1)].several); }

 private:
  static constexpr std::uint32_t ways = 4, works_in_trial = 2 * ways, first_pause = 32, longest_pause = 1024, passed = 1U << 31;

  // As in detail/shared.hpp: <atomic> is dear to include.
  template <class T>
  static T get(const T& from) {
    T v;
    __atomic_load(&from, &v, __ATOMIC_RELAXED);
    return v;
  }
  template <class T>
  static void set(T& to, T v) {
    __atomic_store(&to, &v, __ATOMIC_RELAXED);
  }

  struct kind {
    std::uint32_t count = 0, trial = 0, pause = first_pause;  ///< works so far, with which the next trial begins, those up to it
    bool several = false;
    double took[2][ways] = {{never, never, never, never}, {never, never, never, never}};

    void judge() {
      const bool before = get(several), changes = middle(took[!before]) < middle(took[before]);
      const std::uint32_t so_far = get(pause), now = changes ? first_pause : so_far < longest_pause ? 2 * so_far : longest_pause;
      set(several, before != changes), set(pause, now), set(trial, get(trial) + works_in_trial + now);
    }
  };
  static constexpr double never = __builtin_inf();  ///< what others have not come to the end of when a trial is judged
  /// Of all but the first.
  static double middle(const double (&took)[ways]) {
    const double a = get(took[1]), b = get(took[2]), c = get(took[3]), low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
  }

  mutable kind kinds_[64];
};

}  // namespace diffode::detail
