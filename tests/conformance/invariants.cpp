// SPDX-License-Identifier: MIT
#include "conformance/invariants.hpp"

using namespace diffode_test;

TEST_CASE("while its prediction is constant, every method is exact in any number of steps") {
  for (const subject& s : subjects_to_measure()) check_constants(s);
}

TEST_CASE("where x0 and noise are both constant, every method stays on the line between them") {
  for (const subject& s : subjects_to_measure()) check_line(s);
}
