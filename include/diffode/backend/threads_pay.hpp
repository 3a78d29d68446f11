// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>

namespace diffode::detail {

struct wall_clock {
  /// Seconds. It may be set meanwhile; what was timed then is one of many. <chrono> would cost more to include than all else here.
  static double now() {
    std::timespec t{};
    std::timespec_get(&t, TIME_UTC);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
};

/// Finds out whether several threads are faster than one at what one does in about the time that another takes to wake up. On some
/// machines that is a few microseconds and on others fifty; and who did the work last has it in the caches.
///
/// Works of up to twice as many bytes are one kind. Of each kind, now and then eight in a row are timed, four done as at present and
/// four the other way, of which the first does not count, as it finds what it needs in the wrong caches. Trials begin with works 0, 32,
/// 64, 128, 256 and 512 of each 1024 of a kind: where one way is twice as fast as the other, they cost two hundredths.
/// Safe to use from several threads: what they do to each other's trials is a matter of speed alone.
template <class Clock = wall_clock>
class threads_pay {
 public:
  /// Calls work(whether several threads are to do it).
  template <class Work>
  void run(std::size_t bytes, Work work) const {
    kind& of = kinds_[__builtin_clzll(bytes | 1)];
    const std::uint32_t place = place_in_trial(__atomic_fetch_add(&of.count, 1, __ATOMIC_RELAXED));
    const bool several = get(of.advantage) > 0;
    if (place >= works_in_trial) return work(several);
    const bool other_way = place >= ways, now = several != other_way;
    const double start = Clock::now();
    work(now);
    set(of.took[now][place % ways], static_cast<float>((Clock::now() - start) / static_cast<double>(bytes)));
    if (place + 1 == works_in_trial) of.judge();
  }

  /// Whether several threads do such works at present, but for trials.
  bool pays(std::size_t bytes) const { return get(kinds_[__builtin_clzll(bytes | 1)].advantage) > 0; }

 private:
  static constexpr std::uint32_t ways = 4, works_in_trial = 2 * ways, first_pause = 32, period = 1024;

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
    std::uint32_t count = 0;
    float advantage = 0;  ///< of several threads, from -1 to 1, the newest trials counting most
    float took[2][ways] = {};

    void judge() {
      const float alone = middle(took[0]), several = middle(took[1]), sum = alone + several;
      if (!(sum > 0)) return;  // the clock was set
      const float before = get(advantage), found = (alone - several) / sum;
      set(advantage, before == 0 ? found : 0.5F * (before + found));
    }
  };
  /// Of all but the first.
  static float middle(const float (&took)[ways]) {
    const float a = get(took[1]), b = get(took[2]), c = get(took[3]), low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
  }
  /// Works of a kind since the last trial began.
  static std::uint32_t place_in_trial(std::uint32_t count) {
    std::uint32_t place = count % period;
    if (place >= first_pause) place -= std::uint32_t{1} << (31 - __builtin_clz(place));
    return place;
  }

  mutable kind kinds_[64];
};

}  // namespace diffode::detail
