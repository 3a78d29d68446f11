// SPDX-License-Identifier: MIT
//
// Replaces operator new of the whole program. A file of its own: where compilers see one half of a pair inline and the other not,
// they warn. Aligned allocation is left alone, nothing here asks for it.
#include "statistics/allocations.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

int diffode_test::large_granted = -1;
std::size_t diffode_test::most_at_once = 0;

// The forms that do not throw are replaced too: their memory comes back to the same delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  using namespace diffode_test;
  most_at_once = std::max(most_at_once, size);
  const bool fails = size >= 4096 && large_granted >= 0 && large_granted-- == 0;
  return fails ? nullptr : std::malloc(size ? size : 1);
}
void* operator new(std::size_t size) {
  if (void* const p = operator new(size, std::nothrow)) return p;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t& none) noexcept { return operator new(size, none); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
