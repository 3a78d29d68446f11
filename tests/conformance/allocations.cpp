// SPDX-License-Identifier: MIT
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

// The whole program's. Aligned allocation is not replaced: no array of the library asks for more than malloc gives.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

using namespace diffode_test;

TEST_CASE("after the first step no run allocates memory, in double and in single precision") {
  for (const subject& s : all_subjects()) {
    check_allocations<double>(s);
    check_allocations<float>(s);
  }
}

TEST_CASE("the counter counts") {
  const long before = allocations;
  std::vector<int> some(10);
  const long after = allocations;
  CHECK(after == before + 1);
  CHECK(some.size() == 10);
}
