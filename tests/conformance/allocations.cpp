// SPDX-License-Identifier: MIT
#include "conformance/counted_new.hpp"

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
