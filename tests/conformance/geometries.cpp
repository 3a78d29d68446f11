// SPDX-License-Identifier: MIT
#include "conformance/geometries.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// Methods that take all steps for equally long: between steps of any ratio an error in the slope itself is left.
bool takes_steps_for_equal(const subject& s) {
  const auto has = [&](const char* option) { return s.options.find(option) != std::string::npos; };
  return (s.method == "ipndm" && !has("ipndm_v") && !has("exact")) || (s.method == "pndm" && !has("exact")) ||
         (s.method == "gradient_estimation" && has("3/2"));
}

}  // namespace

TEST_CASE("on random geometries, constants are kept exactly and steps compose") {
  std::mt19937 draw(21);
  for (const subject& s : all_subjects())
    for (int k = 0; k < 40; ++k) {
      const geometry where(draw);
      INFO(s.name() << " on " << where.levels.path().name << " with " << name(where.what) << ", " << where.levels.steps() << " steps");
      check_line(s, where);
      check_own_constant(s, where);
    }
}

TEST_CASE("on random geometries, the error of one step falls by one power more than the method's order") {
  for (const subject& s : all_subjects()) {
    // What chained updates end in is one step of several; only at its end have they their order.
    if (is_random(s) || s.method == "singlestep_chained") continue;
    const double power = local_order(s, std::mt19937(22));
    INFO(s.name() << ": " << power);
    // The next term of the error adds up to h times the order to a slope, and a small leading one half an order.
    if (takes_steps_for_equal(s)) CHECK(std::abs(power - 2) <= 0.1);
    else {
      CHECK(power >= s.order + 0.7);
      CHECK(power <= s.order + 1.8);
    }
  }
}
