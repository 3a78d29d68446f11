// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <span>
#include <string>
#include <vector>

namespace {

/// Draws more noises in one step than the processor's backend has room for in its block.
struct nine_noises {
  static constexpr const char* name = "nine_noises";
  static constexpr diffode::prediction target = diffode::prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }
  template <diffode::coefficient R>
  diffode::value step(diffode::recorder<R>& r, const diffode::level<R>& s, const diffode::level<R>&) const {
    const diffode::value m = r.predict(r.state(), s);
    std::vector<diffode::term<R>> terms{{m, 1}};
    for (int k = 0; k < 9; ++k) terms.push_back({r.noise(), 1});
    return r.sum(std::span<const diffode::term<R>>(terms));
  }
  static diffode::fault check() { return {}; }
};

}  // namespace

TEST_CASE("a combine that no backend has room for is refused when the run is planned") {
  const diffode::grid grid = diffode::uniform_lambda(diffode::vp_linear{}, {.from = 1, .to = 0.5, .count = 1});
  const auto plan = diffode::try_compile(nine_noises{}, grid, diffode::x0_model{});
  REQUIRE_FALSE(plan);
  CHECK(std::string(plan.reason()->what()) ==
        "nine_noises: one of its combines has 10 inputs (9 of noise), and 1 outputs, needs at most 64 (8) and 16");
}
