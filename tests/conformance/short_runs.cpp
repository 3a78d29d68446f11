// SPDX-License-Identifier: MIT
#include "conformance/short_runs.hpp"

using namespace diffode_test;

TEST_CASE("runs of 1 to 8 steps are finite and exact for a constant model, on every path, to sigma = 0 and not") {
  for (const subject& s : all_subjects()) check_short_runs(s);
}

TEST_CASE("runs from pure noise are exact for a constant model that can answer there, and refused for one that can not") {
  for (const subject& s : all_subjects()) check_pure_noise_start(s);
}
