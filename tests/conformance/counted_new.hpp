// SPDX-License-Identifier: MIT
#pragma once

// Replaces operator new of the whole program by one that counts. For one file of a program only.
#include "conformance/allocations.hpp"

#include <cstdlib>
#include <new>

std::atomic<long> diffode_test::allocations = 0, diffode_test::allocated_bytes = 0;

namespace {

void* counted(std::size_t size) {
  ++diffode_test::allocations;
  diffode_test::allocated_bytes += static_cast<long>(size);
  return std::malloc(size ? size : 1);
}
void* counted_or_throw(std::size_t size) {
  if (void* p = counted(size)) return p;
  throw std::bad_alloc();
}

}  // namespace

// Aligned allocation is not replaced: no array of the library asks for more than malloc gives.
// The forms that do not throw are: their memory comes back to the same delete.
void* operator new(std::size_t size) { return counted_or_throw(size); }
void* operator new[](std::size_t size) { return counted_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
