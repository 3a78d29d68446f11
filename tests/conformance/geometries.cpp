// SPDX-License-Identifier: MIT
#include "conformance/geometries.hpp"
#include "effort.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// By which power of the step's length its error falls: one more than the order, except where a method takes steps for
/// equally long that are not. Between steps of any ratio an error is then left in the slope, or in its change.
int power_of(const subject& s) {
  const auto has = [&](const char* option) { return s.options.find(option) != std::string::npos; };
  if (s.method == "ipndm" && has("ipndm_v") && s.order == 3) return 3;
  const bool uniform = (s.method == "ipndm" && !has("ipndm_v") && !has("exact")) || (s.method == "pndm" && !has("exact")) ||
                       (s.method == "gradient_estimation" && has("3/2"));
  // Led away from the first evaluation: that is far away in a long run, but here as near as the step is short.
  const bool away = s.method == "dual_fast" && has("from the first");
  return uniform || away ? 2 : s.order + 1;
}

}  // namespace

TEST_CASE("on random geometries, constants are kept exactly and steps compose") {
  std::mt19937 draw(21);
  for (const subject& s : all_subjects())
    for (int k = 0; k < times(40, 8); ++k) {
      const geometry where(draw);
      INFO(s.name() << " on " << where.levels.path().name << " with " << name(where.what) << ", " << where.levels.steps() << " steps");
      check_line(s, where);
      check_own_constant(s, where);
    }
}

TEST_CASE("on random geometries, the error of one step falls by one power more than the method's order") {
  for (const subject& s : subjects_to_measure()) {
    // What chained updates end in is one step of several; only at its end have they their order. A second state has no
    // place in a run whose first steps are exact.
    if (is_random(s) || s.method == "singlestep_chained" || s.method == "reversible") continue;
    const double power = local_order(s, std::mt19937(22));
    INFO(s.name() << ": " << power);
    // Steps of 0.06 with history of up to five times that: the next term of the error takes half an order from methods
    // of order 5, and adds as much where the leading one is small.
    CHECK(power >= power_of(s) - 0.6);
    CHECK(power <= power_of(s) + 0.8);
  }
}
