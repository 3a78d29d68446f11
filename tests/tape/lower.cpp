// SPDX-License-Identifier: MIT
#include "diffode/tape/lower.hpp"

#include "catch.hpp"
#include "diffode/diffode.hpp"
#include "tape/record.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace diffode_test;

TEST_CASE("a chain of sums folds to one combine with the product of its coefficients") {
  tape<> code;
  const value x = code.input(), F = call(code, x);
  const value a = sum(code, {{x, 2}, {F, 3}});
  const value b = sum(code, {{a, 5}, {x, 7}});
  const value c = sum(code, {{b, 11}, {a, 13}, {F, 17}});
  const plan p = lowered(code, c);
  CHECK(shape_of(p) == "ck");
  const instruction& k = combine_of(p);
  CHECK(k.ins == 2);
  CHECK(k.outs == 1);
  CHECK(weight_of(p, k, 0, held(0)) == 11 * (5 * 2 + 7) + 13 * 2);
  CHECK(weight_of(p, k, 0, output()) == 11 * 5 * 3 + 13 * 3 + 17);
  CHECK(p.outputs(k)[0] == 0);
  CHECK(p.slots() == 1);
}

TEST_CASE("sums that nobody reads are not computed") {
  tape<> code;
  const value x = code.input(), F = call(code, x);
  sum(code, {{x, 2}, {F, 3}});
  const value unused = sum(code, {{x, 4}});
  sum(code, {{unused, 4}});
  const value end = sum(code, {{F, 1}});
  const plan p = lowered(code, end);
  CHECK(shape_of(p) == "ck");
  CHECK(combine_of(p).outs == 1);
  CHECK(combine_of(p).ins == 1);
  CHECK(p.slots() == 1);
}

TEST_CASE("a sum that is only part of other sums of its segment is not stored") {
  tape<> code;
  const value x = code.input(), F = call(code, x), x0 = sum(code, {{x, 2}, {F, -1}});
  const value next = sum(code, {{x, 1}, {x0, 1}});
  const value G = call(code, next), end = sum(code, {{next, 1}, {G, 1}});
  const plan p = lowered(code, end);
  CHECK(shape_of(p) == "ckck");
  CHECK(combine_of(p, 0).outs == 1);
  CHECK(p.slots() == 1);
}

TEST_CASE("a sum that is read after the next call is stored, in the same combine") {
  tape<> code;
  const value x = code.input(), F = call(code, x), x0 = sum(code, {{x, 2}, {F, -1}});
  const value next = sum(code, {{x, 1}, {x0, 1}});
  const value G = call(code, next), end = sum(code, {{next, 1}, {G, 1}, {x0, 5}});
  const plan p = lowered(code, end);
  CHECK(shape_of(p) == "ckck");
  CHECK(combine_of(p, 0).outs == 2);
  CHECK(p.slots() == 2);
}

TEST_CASE("an operand with coefficient zero is not read") {
  tape<> code;
  const value x = code.input(), F = call(code, x);
  const value end = sum(code, {{x, 0}, {F, 1}});
  const plan p = lowered(code, end);
  CHECK(combine_of(p).ins == 1);
  CHECK(p.inputs(combine_of(p))[0] == output());
}

TEST_CASE("where every term counts, one with coefficient zero is read, and so is one that cancelled") {
  tape<> code(false, true);
  const value x = code.input(), F = call(code, x), twice = sum(code, {{F, 1}, {x, 2}});
  const plan p = lowered(code, sum(code, {{twice, 1}, {x, -2}, {code.one(), 0}}));
  const instruction& all = combine_of(p);
  REQUIRE(all.ins == 3);
  CHECK(weight_of(p, all, 0, output()) == 1);
  CHECK(p.coefficients(all)[0] == 0);  // x
}

TEST_CASE("an empty sum is zero") {
  tape<> code;
  const value x = code.input(), end = sum(code, {{x, 0}});
  const plan p = lowered(code, end);
  CHECK(shape_of(p) == "k");
  CHECK(combine_of(p).ins == 0);
  std::vector<double> state{3, 4};
  const sampler s(shared_plan(p), state);
  CHECK(state == std::vector<double>{0, 0});
}

TEST_CASE("the constant one is an input like any other") {
  tape<> code;
  const value x = code.input(), end = sum(code, {{x, 2}, {code.one(), 5}});
  std::vector<double> state{3, 4};
  const sampler s(shared_plan(lowered(code, end)), state);
  CHECK(state == std::vector<double>{11, 13});
}

TEST_CASE("a prediction that only the filter reads is filtered in place") {
  tape<> code;
  const value x = code.input(), F = call(code, x), x0 = sum(code, {{F, 2}}), y = code.filter(x0, 0), end = sum(code, {{y, 1}, {x, 1}});
  const plan p = lowered(code, end);
  CHECK(shape_of(p) == "ckfk");
  CHECK(p.slots() == 2);
  for (const instruction& i : p.instructions())
    if (i.what == operation::filter) CHECK(p.inputs(i)[0].index == p.outputs(i)[0]);
}

TEST_CASE("a prediction that is read again is filtered into another slot") {
  tape<> code;
  const value x = code.input(), F = call(code, x), x0 = sum(code, {{F, 2}}), y = code.filter(x0, 0), end = sum(code, {{y, 1}, {x0, 1}});
  const plan p = lowered(code, end);
  CHECK(p.slots() == 2);
  for (const instruction& i : p.instructions())
    if (i.what == operation::filter) CHECK(p.inputs(i)[0].index != p.outputs(i)[0]);
}

TEST_CASE("the result lands in slot 0 even where a watched array sits there until the end") {
  tape<> code;
  const value x = code.input();
  const value F = call(code, x), end = sum(code, {{F, 2}});
  code.watch(seen::state, x, 0);
  const plan p = lowered(code, end);
  CHECK(shape_of(p) == "ckwk");
  std::vector<double> state{3, 4}, sight_of_x;
  sampler s(shared_plan(p), state);
  s.feed(std::vector<double>{5, 6}, [&](const sight<double>& now) { sight_of_x.assign(now.x.begin(), now.x.end()); });
  CHECK(state == std::vector<double>{10, 12});
  CHECK(sight_of_x == std::vector<double>{3, 4});
}

TEST_CASE("what comes from an input goes back to its slot, and others keep out while there is room") {
  tape<> code;
  const value x = code.input(), F = call(code, x);
  const value history = sum(code, {{F, 2}}), next = sum(code, {{x, 3}, {F, 4}});
  code.comes_from(0, next);
  const value G = call(code, next), end = sum(code, {{history, 5}, {next, 6}, {G, 7}});
  const plan p = lowered(code, end);
  const instruction& k = combine_of(p);
  CHECK(std::ranges::equal(p.outputs(k), std::vector<slot>{1, 0}));
  CHECK(p.slots() == 2);
}

TEST_CASE("a slot that waits for its owner is lent before another array is taken") {
  tape<> code;
  const value x = code.input(), F = call(code, x), other = sum(code, {{F, 2}});
  const value G = call(code, other), end = sum(code, {{G, 1}});
  const plan p = lowered(code, end);
  CHECK(p.outputs(combine_of(p))[0] == 0);
  CHECK(p.slots() == 1);
  CHECK_FALSE(p.own_state());
  const value ends[] = {end};
  const plan own = lowering<double>::run(code, ends, {"by hand", {}, 1, 1, {}, false, true});
  CHECK(own.outputs(combine_of(own))[0] == 1);
  CHECK(own.slots() == 2);
  CHECK(own.own_state());
}

TEST_CASE("the order of a sum is that of its own terms, whatever is computed along with it") {
  const auto inputs = [](bool more) {
    tape<> code;
    const value x = code.input(), F = call(code, x), m = sum(code, {{F, 2}}), y = sum(code, {{x, 1}, {F, 1}}), G = call(code, y);
    if (more) code.watch(seen::denoised, sum(code, {{G, 1}, {m, 1}}), 0);
    const plan p = lowered(code, sum(code, {{y, 1}, {m, 1}, {G, 1}}));
    const auto in = p.inputs(combine_of(p, 1));
    return std::vector<operand>(in.begin(), in.end());
  };
  CHECK(inputs(false) == inputs(true));
  CHECK(inputs(false).back() == output());
}

TEST_CASE("with an input of its own an evaluation reads a sum that is written along with the others") {
  tape<> code(true);
  const value x = code.input(), F = call(code, x), next = sum(code, {{x, 3}, {F, 4}});
  const value G = call(code, next), end = sum(code, {{next, 6}, {G, 7}});
  const plan p = lowered(code, end);
  CHECK(shape_of(p) == "kckck");
  CHECK(p.input_slot() == 1);
  CHECK(p.slots() == 2);
  CHECK(std::ranges::equal(p.outputs(combine_of(p, 0)), std::vector<slot>{1}));
  CHECK(std::ranges::equal(p.outputs(combine_of(p, 1)), std::vector<slot>{0, 1}));
  CHECK(std::ranges::equal(p.coefficients(combine_of(p, 1)), std::vector<double>{3, 4, 3, 4}));
  for (const instruction& i : p.instructions())
    if (i.what == operation::call) CHECK(p.outputs(i)[0] == 1);
}

TEST_CASE("with lanes every coefficient is kept for every lane") {
  tape<lanes> code;
  const value x = code.input();
  evaluation<lanes> e;
  e.at.label = lanes({4, 5});
  e.at.lambda = lanes({6, 7});
  const value F = code.output(code.call(x, e), 0);
  const term<lanes> first[] = {{x, lanes({1, 2})}, {F, lanes({0, 3})}};
  const value a = code.sum(first);
  const term<lanes> second[] = {{a, lanes({2, 10})}, {x, 1}};
  const value end = code.sum(second);
  const plan p = lowering<lanes>::run(code, end, {"by hand", {2, 2}, 1, 1, {}});
  const instruction& k = combine_of(p);
  CHECK(weight_of(p, k, 0, held(0), 0) == 3);
  CHECK(weight_of(p, k, 0, held(0), 1) == 21);
  CHECK(weight_of(p, k, 0, output(), 0) == 0);
  CHECK(weight_of(p, k, 0, output(), 1) == 30);
  CHECK(std::ranges::equal(p.coefficients(k), std::vector<double>{3, 21, 0, 30}));  // lane by lane within a term
  REQUIRE(p.levels(0).size() == 2);
  CHECK(p.levels(0)[0].label == 4);
  CHECK(p.levels(0)[1].lambda == 7);
  CHECK(p.call(0).at.label == 4);
}

namespace {

template <class M>
plan planned(const M& how, int count = 10) {
  return compile(how, uniform_lambda(vp_linear{}, {.from = 1, .to = 1e-3, .count = count}), eps_model{});
}

}  // namespace

TEST_CASE("known methods need as many slots as a hand-written sampler, and one kernel for each evaluation") {
  const auto check = [](const plan& p, int slots) {
    INFO(p.method());
    CHECK(p.slots() == slots);
    CHECK(p.kernels() == p.calls());
  };
  check(planned(euler{}), 1);                         // x
  check(planned(ddim{.eta = 0.5}), 1);                // x
  check(planned(dpmpp_2m{}), 2);                      // x, m1
  check(planned(dpmpp_3m{}), 3);                      // x, m1, m2
  check(planned(heun{}), 3);                          // x at s and its x0, and the state shown to the second stage
  check(planned(unipc{.p = 2}), 3);                   // x, m1, m2
  check(planned(unipc{.p = 3}), 4);                   // x, m1, m2, m3
  check(planned(unipc{.p = 2, .corrector = false}), 2);
}

TEST_CASE("no two combines stand next to each other: all that is linear between two boundaries is one kernel") {
  compile_options o;
  o.watch_state = o.watch_denoised = true;
  for (const std::string& s : {shape_of(planned(heun{})), shape_of(planned(unipc{.p = 4})),
                               shape_of(compile(dpmpp_3m{}, uniform_lambda(vp_linear{}, {.from = 1, .to = 1e-3, .count = 6}), filtered(v_model{}, clip{}), o))})
    CHECK(s.find("kk") == std::string::npos);
}
