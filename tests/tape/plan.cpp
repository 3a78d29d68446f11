// SPDX-License-Identifier: MIT
#include "diffode/tape/plan.hpp"

#include "catch.hpp"
#include "diffode/diffode.hpp"
#include "tape/record.hpp"

#include <cstdint>
#include <vector>

using namespace diffode_test;

namespace {

plan simple(double c, int stream = 0, seen what = seen::state) {
  tape<> code;
  const value x = code.input(), F = call(code, x), end = sum(code, {{x, c}, {F, -2}, {code.noise(stream), 1}});
  code.watch(what, end, 1);
  return lowered(code, end, 1, 1);
}

}  // namespace

TEST_CASE("plans that do the same have the same fingerprint, and any other has another") {
  const std::uint64_t base = simple(0.5).fingerprint();
  CHECK(simple(0.5).fingerprint() == base);
  CHECK(simple(0.5000000000000001).fingerprint() != base);
  CHECK(simple(-0.5).fingerprint() != base);
  CHECK(simple(0.5, 1).fingerprint() != base);
  CHECK(simple(0.5, 0, seen::predicted).fingerprint() != base);
}

TEST_CASE("the fingerprint depends on the run: method, grid, model and options") {
  const grid ten = uniform_lambda(vp_linear{}, {.from = 1, .to = 1e-3, .count = 10});
  const grid near = uniform_lambda(vp_linear{}, {.from = 1, .to = 1.0001e-3, .count = 10});
  const std::uint64_t base = compile(dpmpp_2m{}, ten, eps_model{}).fingerprint();
  CHECK(compile(dpmpp_2m{}, ten, eps_model{}).fingerprint() == base);
  CHECK(compile(dpmpp_2m{.form = slope::heun}, ten, eps_model{}).fingerprint() != base);
  CHECK(compile(dpmpp_2m{}, near, eps_model{}).fingerprint() != base);
  CHECK(compile(dpmpp_2m{}, ten, v_model{}).fingerprint() != base);
  CHECK(compile(dpmpp_2m{}, ten, eps_model{}, {.denoise_at_end = true}).fingerprint() != base);
}

TEST_CASE("the largest coefficient counts by size, over all steps") {
  CHECK(simple(0.5).largest_coefficient() == 2);
  CHECK(simple(-7).largest_coefficient() == 7);
}

TEST_CASE("a plan says what each of its slots is for") {
  const grid ten = uniform_lambda(vp_linear{}, {.from = 1, .to = 1e-3, .count = 10});
  const plan own = compile(dpmpp_2m{}, ten, eps_model{}, {.own_input = true}), shared = compile(dpmpp_2m{}, ten, eps_model{});
  CHECK(own.input_slot() == 1);
  CHECK(own.slots() == 3);
  CHECK(own.role(0) == slot_role::state);
  CHECK(own.role(1) == slot_role::input);
  CHECK(own.role(2) == slot_role::history);
  CHECK(shared.input_slot() == -1);
  CHECK(shared.role(1) == slot_role::history);
  CHECK(own.fingerprint() != shared.fingerprint());
}

TEST_CASE("two plans with the same instructions and other roles differ: their arrays may have other element types") {
  const grid ten = uniform_lambda(ve{}, {.from = 10, .to = 0.05, .count = 10});
  const plan own = compile(euler{}, ten, edm_model{}, {.own_input = true}), shared = compile(euler{}, ten, edm_model{});
  REQUIRE(own.instructions().size() == shared.instructions().size());
  for (std::size_t k = 0; k < own.instructions().size(); ++k) {
    const auto a = own.outputs(own.instructions()[k]), b = shared.outputs(shared.instructions()[k]);
    REQUIRE(std::vector<slot>(a.begin(), a.end()) == std::vector<slot>(b.begin(), b.end()));
  }
  CHECK(own.fingerprint() != shared.fingerprint());
}

TEST_CASE("a plan counts what it holds") {
  const plan p = simple(0.5);
  CHECK(p.method() == "by hand");
  CHECK(p.calls() == 1);
  CHECK(p.kernels() == 1);
  CHECK(p.filters() == 0);
  CHECK(p.slots() == 1);
  CHECK(p.uses_noise());
  CHECK(p.noises() == 1);
  CHECK_FALSE(compile(euler{}, from_sigmas(ve{}, std::vector<double>{2, 1}), eps_model{}).uses_noise());
}

TEST_CASE("a plan knows the level and label of each evaluation") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{8, 4, 2, 0});
  const plan p = compile(heun{}, levels, edm_model{});
  REQUIRE(p.calls() == 5);  // the last step, to sigma = 0, has one
  const int step[] = {0, 0, 1, 1, 2}, stage[] = {0, 1, 0, 1, 0}, point[] = {0, 1, 1, 2, 2};
  for (int k = 0; k < 5; ++k) {
    CHECK(p.call(k).step == step[k]);
    CHECK(p.call(k).stage == stage[k]);
    CHECK(p.call(k).last_of_step == (stage[k] == 1 || k == 4));
    const level<>& at = levels[static_cast<std::size_t>(point[k])];
    CHECK(p.call(k).at.lambda == at.lambda);
    CHECK(p.call(k).at.label == -at.lambda / 4);  // EDM's c_noise = ln(sigma)/4
    CHECK(p.levels(k)[0].label == p.call(k).at.label);
  }
}
