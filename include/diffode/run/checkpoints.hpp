// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/plan.hpp"

#include <cstddef>
#include <vector>

namespace diffode::detail {

/// C(s + r, s), the most evaluations that `s` kept states can take back if none is made more than r times again; `most` where
/// that is less.
inline long reach_of(int s, int r, long most) {
  if (r < 0) return 0;
  long all = 1;
  for (int k = 1; k <= s && all < most; ++k) all = all * (r + k) / k;
  return all < most ? all : most;
}

/// After how many evaluations the next state is to be kept on a stretch of `length` of them, the state before which is
/// kept, with room for `free` more: as few evaluations as possible are then made again.
///
/// Source  Griewank and Walther 2000, ACM Transactions on Mathematical Software 26, algorithm 799: with s = free + 1 and r the
///         least number for which C(s + r, s) >= length, both parts must be among the longest and shortest stretches for
///         (s, r - 1) and (s - 1, r)
/// Needs   length >= 2, free >= 1
inline int checkpoint_distance(int length, int free) {
  const int s = free + 1;
  int r = 1;
  while (reach_of(s, r, length) < length) ++r;
  const long first = reach_of(s, r - 1, length), rest = length - reach_of(s - 1, r - 1, length);
  return static_cast<int>(first < rest ? first : rest);
}

/// For each evaluation the slots whose arrays somebody reads then or later: the state of a run there, without which it cannot
/// go on. Watchers do not count.
///
/// Shapes  evaluations x slots; 1 where the slot's array is read
inline std::vector<char> live_slots(const plan& p) {
  const std::size_t slots = static_cast<std::size_t>(p.slots());
  std::vector<char> all(static_cast<std::size_t>(p.calls()) * slots), live(slots);
  live[0] = 1;  // the sample
  const auto mark = [&](slot s, char is_live) { live[static_cast<std::size_t>(s)] = is_live; };
  const auto code = p.instructions();
  for (std::size_t i = code.size(); i-- > 0;) {
    if (code[i].what == operation::call) {
      mark(p.outputs(code[i])[0], 1);
      for (std::size_t s = 0; s < slots; ++s) all[static_cast<std::size_t>(code[i].tag) * slots + s] = live[s];
    }
    if (code[i].what != operation::combine && code[i].what != operation::filter) continue;
    for (const slot s : p.outputs(code[i])) mark(s, 0);
    for (const operand& o : p.inputs(code[i]))
      if (o.what == operand::kind::held) mark(o.index, 1);
  }
  return all;
}

/// The most arrays that such a state has, over all evaluations.
inline std::size_t most_live(const plan& p) {
  const std::vector<char> all = live_slots(p);
  const std::size_t slots = static_cast<std::size_t>(p.slots());
  std::size_t most = 1;
  for (std::size_t first = 0; first < all.size(); first += slots) {
    std::size_t count = 0;
    for (std::size_t s = 0; s < slots; ++s) count += all[first + s] == 1;
    most = count > most ? count : most;
  }
  return most;
}

}  // namespace diffode::detail
