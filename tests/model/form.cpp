// SPDX-License-Identifier: MIT
#include "diffode/model.hpp"

#include "catch.hpp"

#include <concepts>
#include <string>

using namespace diffode;

namespace {
const auto net = [](int x) { return x + 1; };
std::string what(const fault& f) { return f ? f->what() : "nothing"; }
}  // namespace

TEST_CASE("the short names say what their function returns, and keep it") {
  STATIC_REQUIRE(std::same_as<decltype(eps(net).form.meaning), eps_model>);
  STATIC_REQUIRE(std::same_as<decltype(x0(net).form.meaning), x0_model>);
  STATIC_REQUIRE(std::same_as<decltype(v(net).form.meaning), v_model>);
  STATIC_REQUIRE(std::same_as<decltype(flow_velocity(net).form.meaning), flow_model>);
  STATIC_REQUIRE(std::same_as<decltype(score(net).form.meaning), score_model>);
  STATIC_REQUIRE(std::same_as<decltype(edm_network(net).form.meaning), edm_model>);
  CHECK(edm_network(net, {.sigma_data = 1}).form.meaning.sigma_data == 1);
  CHECK(eps(net).net(4) == 5);
}

TEST_CASE("guidance and filters are added to a bare model or to one with its function, in either order") {
  const auto bare = filtered(guided(eps_model{}, classifier_free(3)), clip{2});
  CHECK(bare.mix.weight[0] == 3);
  CHECK(bare.limit.range == 2);
  STATIC_REQUIRE(decltype(bare)::filters);
  STATIC_REQUIRE_FALSE(decltype(as_form(eps_model{}))::filters);
  const auto bound = guided(filtered(eps(net), clip{2}), classifier_free(3));
  CHECK(bound.form.mix.weight[0] == 3);
  CHECK(bound.form.limit.range == 2);
  CHECK(bound.net(4) == 5);
}

TEST_CASE("a form refuses what its parts refuse: meaning first, then filter, then guidance") {
  CHECK(what(as_form(eps_model{}).check()) == "nothing");
  CHECK(what(as_form(edm_model{.sigma_data = -1}).check()) == "edm_model: sigma_data is -1, needs a finite number above 0");
  CHECK(what(filtered(eps_model{}, clip{0}).check()) == "clip: range is 0, needs a number above 0");
  CHECK(what(guided(eps_model{}, {.outputs = 9}).check()) == "guidance: outputs is 9, needs 1 to 4");
}
