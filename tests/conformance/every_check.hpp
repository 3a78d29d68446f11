// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/allocations.hpp"
#include "conformance/bitwise.hpp"
#include "conformance/invariants.hpp"
#include "conformance/orders.hpp"
#include "conformance/own_input.hpp"
#include "conformance/plans.hpp"
#include "conformance/short_runs.hpp"

namespace diffode_test {

/// The suite, for one method that need not be in diffode::all_methods. The program includes counted_new.hpp once.
inline void check_everything(const subject& s) {
  if (!is_random(s)) check_orders(s);
  check_constants(s);
  check_line(s);
  check_short_runs(s);
  check_pure_noise_start(s);
  check_plan(s);
  check_fingerprint(s);
  check_own_input(s);
  check_own_state(s);
  check_bitwise<double>(s);
  check_bitwise<float>(s);
  check_allocations<double>(s);
  check_allocations<float>(s);
}

}  // namespace diffode_test
