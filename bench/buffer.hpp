// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace diffode_bench {

/// Where arrays begin: so many bytes past the start of a page. All begin at the same place, as large arrays from a heap do,
/// so that no contender has luck with where its arrays happen to lie. 64 is what tensor libraries align to.
inline std::size_t offset_in_page = 64;

/// An array for a contender, zero at first.
template <class E>
class buffer {
 public:
  explicit buffer(std::size_t size) : size_(size), memory_(static_cast<std::byte*>(::operator new(size * sizeof(E) + page, std::align_val_t{page}))) {
    std::fill(data(), data() + size, E{});
  }
  explicit buffer(std::span<const E> from) : buffer(from.size()) { *this = from; }
  buffer& operator=(std::span<const E> from) {
    std::copy(from.begin(), from.end(), data());
    return *this;
  }

  E* data() const { return reinterpret_cast<E*>(memory_.get() + offset_in_page); }
  std::size_t size() const { return size_; }
  E& operator[](std::size_t i) const { return data()[i]; }
  operator std::span<E>() const { return {data(), size_}; }
  operator std::span<const E>() const { return {data(), size_}; }

 private:
  static constexpr std::size_t page = 4096;
  struct free {
    void operator()(std::byte* p) const { ::operator delete(p, std::align_val_t{page}); }
  };
  std::size_t size_;
  std::unique_ptr<std::byte, free> memory_;
};

}  // namespace diffode_bench
