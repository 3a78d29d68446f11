// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>

namespace diffode_bench {

/// Where arrays begin: so many bytes past the start of a page. All begin at the same place, as large arrays from a heap do,
/// so that no contender has luck with where its arrays happen to lie. 64 is what tensor libraries align to.
inline std::size_t offset_in_page = 64;

/// Memory that several contenders share, one of them at a time in the middle of a run: each begins at its begin. Which pages a
/// process happens to get decides what fits into its caches, and made up to 30 % between two contenders with arrays of their own.
class room {
 public:
  explicit room(std::size_t bytes) : size_(bytes + page), memory_(static_cast<std::byte*>(::operator new(size_, std::align_val_t{page}))) {}

  /// The next contender's arrays follow.
  void begin_again() { taken_ = 0; }
  /// Memory that is the room's own, from the begin of a page.
  std::byte* take(std::size_t bytes) {
    if (bytes > size_ - taken_) throw std::length_error("bench: " + std::to_string(bytes) + " bytes do not fit into what is left of a room, " + std::to_string(size_ - taken_));
    std::byte* const at = memory_.get() + taken_;
    taken_ = std::min(size_, taken_ + (bytes + page - 1) / page * page);
    return at;
  }

  static constexpr std::size_t page = 4096;
  struct free {
    void operator()(std::byte* p) const { ::operator delete(p, std::align_val_t{page}); }
  };

 private:
  std::size_t size_, taken_ = 0;
  std::unique_ptr<std::byte, free> memory_;
};

/// An array for a contender, zero at first, of its own or in a room.
template <class E>
class buffer {
 public:
  explicit buffer(std::size_t size, room* in = nullptr) : size_(size) {
    const std::size_t bytes = size * sizeof(E) + offset_in_page;
    if (!in) own_.reset(static_cast<std::byte*>(::operator new(bytes, std::align_val_t{room::page})));
    place_ = in ? in->take(bytes) : own_.get();
    std::fill(data(), data() + size, E{});
  }
  explicit buffer(std::span<const E> from, room* in = nullptr) : buffer(from.size(), in) { *this = from; }
  buffer& operator=(std::span<const E> from) {
    std::copy(from.begin(), from.end(), data());
    return *this;
  }

  E* data() const { return reinterpret_cast<E*>(place_ + offset_in_page); }
  std::size_t size() const { return size_; }
  E& operator[](std::size_t i) const { return data()[i]; }
  operator std::span<E>() const { return {data(), size_}; }
  operator std::span<const E>() const { return {data(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<std::byte, room::free> own_;
  std::byte* place_;
};

}  // namespace diffode_bench
