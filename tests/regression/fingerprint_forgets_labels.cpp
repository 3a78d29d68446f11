// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/control/fixed.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/model.hpp"
#include "diffode/run/compile.hpp"
#include "diffode/schedule/flow.hpp"

#include <vector>

namespace dd = diffode;

namespace {

std::vector<dd::level<>> levels() { return {dd::flow{}.at(0.9), dd::flow{}.at(0.5), dd::flow{}.at(0.2)}; }
dd::grid of(const std::vector<dd::level<>>& list) { return dd::from_levels(dd::flow{}, list); }

}  // namespace

// A saved run could be restored into a plan with the same coefficients that asks the model something else.
TEST_CASE("plans that tell the model other labels have other fingerprints") {
  auto relabelled = levels();
  relabelled[1].label = 500;
  CHECK(dd::compile(dd::ddim{}, of(levels()), dd::v_model{}).fingerprint() != dd::compile(dd::ddim{}, of(relabelled), dd::v_model{}).fingerprint());
}

TEST_CASE("plans whose lanes lie elsewhere have other fingerprints") {
  const auto plan = [](std::size_t stride) {
    return dd::compile(dd::ddim{}, dd::fixed<dd::lanes>({of(levels()), of(levels())}, {.stride = stride, .count = 2}), dd::v_model{});
  };
  CHECK(plan(3).fingerprint() == plan(3).fingerprint());
  CHECK(plan(3).fingerprint() != plan(4).fingerprint());
}

TEST_CASE("plans that tell another lane another label have other fingerprints") {
  const auto plan = [](double label) {
    auto relabelled = levels();
    relabelled[1].label = label;
    return dd::compile(dd::ddim{}, dd::fixed<dd::lanes>({of(levels()), of(relabelled)}, {.stride = 3, .count = 2}), dd::v_model{});
  };
  CHECK(plan(1).fingerprint() != plan(2).fingerprint());
}
