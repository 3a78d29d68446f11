// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <string>

namespace {

/// Draws more noises in one step than the processor's backend has room for in its block.
struct five_noises {
  static constexpr const char* name = "five_noises";
  static constexpr diffode::prediction target = diffode::prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }
  template <diffode::coefficient R>
  diffode::value step(diffode::recorder<R>& r, const diffode::level<R>& s, const diffode::level<R>&) const {
    const diffode::value m = r.predict(r.state(), s);
    return r.sum({{m, 1}, {r.noise(), 1}, {r.noise(), 1}, {r.noise(), 1}, {r.noise(), 1}, {r.noise(), 1}});
  }
  static diffode::fault check() { return {}; }
};

}  // namespace

TEST_CASE("a combine that no backend has room for is refused when the run is planned") {
  const diffode::grid grid = diffode::uniform_lambda(diffode::vp_linear{}, {.from = 1, .to = 0.5, .count = 1});
  const auto plan = diffode::try_compile(five_noises{}, grid, diffode::x0_model{});
  REQUIRE_FALSE(plan);
  CHECK(std::string(plan.reason()->what()) ==
        "five_noises: one of its combines has 6 inputs (5 of noise), and 1 outputs, needs at most 64 (4) and 16");
}
