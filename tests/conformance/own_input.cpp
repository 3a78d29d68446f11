// SPDX-License-Identifier: MIT
//
// compile_options::own_input: one array that the model reads and nobody else, and the same samples.
#include "conformance/own_input.hpp"

using namespace diffode_test;

TEST_CASE("with an input of its own a run has one kernel more, and the same bits") {
  for (const subject& s : all_subjects()) check_own_input(s);
}

TEST_CASE("with a state of its own a run shows no history to the model, and gives the same bits") {
  for (const subject& s : all_subjects()) check_own_state(s);
}

TEST_CASE("the caller's array holds the state, and nothing that is none in between") {
  for (const subject& s : all_subjects()) check_state_slot(s);
}
