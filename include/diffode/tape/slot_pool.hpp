// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/plan.hpp"

#include <cstddef>
#include <vector>

namespace diffode::detail {

/// Which slots are taken while a tape is lowered: never more than values alive at once.
///
/// The first `homes` slots belong to what travels through the run. Others get one only if it is lent to them, and where no
/// other slot is free.
class slot_pool {
 public:
  /// All slots are free; keeps its memory.
  void clear(std::size_t homes, bool lent) {
    homes_ = homes;
    lent_ = lent;
    taken_.assign(homes, 0);
  }

  /// The slot `home` if it is free, or another; -1 for values that have no home.
  slot take(slot home) {
    if (home >= 0 && taken_[index(home)] == 0) return take_at(index(home));
    const std::size_t other = first_free(homes_);
    const std::size_t any = other < taken_.size() || !lent_ ? other : first_free(0);
    return any < taken_.size() ? take_at(any) : take_new();
  }
  /// A slot that nobody had.
  slot take_new() {
    taken_.push_back(1);
    return static_cast<slot>(taken_.size() - 1);
  }
  void release(slot s) { taken_[index(s)] = 0; }

  /// How many slots there are.
  int size() const { return static_cast<int>(taken_.size()); }

 private:
  static std::size_t index(slot s) { return static_cast<std::size_t>(s); }
  slot take_at(std::size_t s) {
    taken_[s] = 1;
    return static_cast<slot>(s);
  }
  std::size_t first_free(std::size_t from) const {
    while (from < taken_.size() && taken_[from] != 0) ++from;
    return from;
  }

  std::size_t homes_ = 0;
  bool lent_ = true;
  std::vector<char> taken_;  // of bool would cost every program that includes this the compile time of another container
};

}  // namespace diffode::detail
