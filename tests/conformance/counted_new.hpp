// SPDX-License-Identifier: MIT
#pragma once

// Replaces operator new of the whole program by one that counts. For one file of a program only.
#include "conformance/allocations.hpp"

#include <cstdlib>
#include <new>

std::atomic<long> diffode_test::allocations = 0;

namespace {

void* counted(std::size_t size) {
  ++diffode_test::allocations;
  if (void* p = std::malloc(size ? size : 1)) return p;
  throw std::bad_alloc();
}

}  // namespace

// Aligned allocation is not replaced: no array of the library asks for more than malloc gives.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
