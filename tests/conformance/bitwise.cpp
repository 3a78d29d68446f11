// SPDX-License-Identifier: MIT
#include "conformance/bitwise.hpp"

using namespace diffode_test;

TEST_CASE("pull, push, batches, lanes, saved runs, restarts and threads give the same bits, in double precision") {
  for (const subject& s : all_subjects()) check_bitwise<double>(s);
}

TEST_CASE("pull, push, batches, lanes, saved runs, restarts and threads give the same bits, in single precision") {
  for (const subject& s : all_subjects()) check_bitwise<float>(s);
}

TEST_CASE("equal and the same bits are two things") {
  CHECK_FALSE(same_bits(std::vector<double>{0.0}, std::vector<double>{-0.0}));
  CHECK_FALSE(same_bits(std::vector<double>{std::nan("")}, std::vector<double>{std::nan("")}));
  CHECK_FALSE(same_bits(std::vector<float>{1}, std::vector<float>{1, 2}));
  CHECK(same_bits(std::vector<float>{1, 2}, std::vector<float>{1, 2}));
}
