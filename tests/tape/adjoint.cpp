// SPDX-License-Identifier: MIT
#include "diffode/tape/adjoint.hpp"

#include "catch.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/run/compile.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "tape/record.hpp"

#include <cstddef>
#include <vector>

using namespace diffode_test;

namespace {

grid steps(int count) { return uniform_lambda(vp_linear{}, {.from = 0.9, .to = 0.05, .count = count}); }

}  // namespace

TEST_CASE("a step turned round asks for a product on the cotangent of the model's output, and adds it to that of the state") {
  tape<> code;
  const value x = code.input(), F = call(code, x);
  const plan forward = lowered(code, sum(code, {{x, 0.5}, {F, -2}}));
  const adjoint_plan turned = transposed(forward);
  const plan& back = turned.backward;
  REQUIRE(shape_of(back) == "kck");
  REQUIRE(turned.products.size() == 1);
  CHECK((turned.products[0].instruction == 0 && turned.products[0].output == 0));
  // Cotangents of the output, -2 w, and of the state so far, 0.5 w; then the product is added.
  const instruction &first = combine_of(back), &last = combine_of(back, 1);
  CHECK(first.outs == 2);
  double product_of = 0, state_of = 0;
  for (int r = 0; r < 2; ++r) (back.outputs(first)[static_cast<std::size_t>(r)] == back.outputs(back.instructions()[1])[0] ? product_of : state_of) = weight_of(back, first, r, held(0));
  CHECK(product_of == -2);
  CHECK(state_of == 0.5);
  CHECK(weight_of(back, last, 0, output()) == 1);
  CHECK(back.outputs(last)[0] == 0);
  CHECK(back.slots() == 2);
}

TEST_CASE("a plan turned round has a product for each evaluation, from the last to the first, and a combine for each, and one to begin with") {
  for (const int n : {1, 2, 10}) {
    const auto check = [&](const plan& forward, int most_slots) {
      const adjoint_plan turned = transposed(forward);
      INFO(forward.method() << ", " << n << " steps");
      CHECK(turned.backward.calls() == forward.calls());
      CHECK(turned.backward.kernels() == forward.calls() + 1);
      CHECK(turned.backward.slots() <= most_slots);
      CHECK_FALSE(turned.backward.uses_noise());
      for (int k = 0; k < forward.calls(); ++k) {
        const product_call& p = turned.products[static_cast<std::size_t>(k)];
        CHECK(forward.instructions()[static_cast<std::size_t>(p.instruction)].tag == forward.calls() - 1 - k);
        CHECK(turned.backward.call(k).at.label == forward.call(forward.calls() - 1 - k).at.label);
      }
    };
    check(compile(ddim{}, steps(n), eps_model{}), 2);
    check(compile(dpmpp_2m{}, steps(n), v_model{}), 3);
    check(compile(heun{}, steps(n), flow_model{}), 4);
    check(compile(unipc{}, steps(n), eps_model{}), 5);
    check(compile(ddim{.eta = 1}, steps(n), eps_model{}), 2);
  }
}

TEST_CASE("what does not reach the result is not turned round") {
  tape<> code;
  const value x = code.input(), F = call(code, x, 1), y = sum(code, {{x, 2}, {F, 1}}), G = call(code, y, 2);
  code.watch(seen::state, sum(code, {{G, 3}}), 1);  // the second evaluation is only looked at
  const plan forward = lowered(code, sum(code, {{y, 5}}));
  REQUIRE(forward.calls() == 2);
  const adjoint_plan turned = transposed(forward);
  CHECK(turned.backward.calls() == 1);
  CHECK(turned.backward.call(0).at.label == 1);
  CHECK(turned.backward.watches() == 0);
}

TEST_CASE("a result that does not depend on the start has the gradient zero") {
  tape<> code;
  code.input();
  const plan forward = lowered(code, sum(code, {{code.noise(0), 3}}), 1, 1);
  const adjoint_plan turned = transposed(forward);
  REQUIRE(shape_of(turned.backward) == "k");
  CHECK(combine_of(turned.backward).ins == 0);
}

TEST_CASE("each output of the model is asked for by itself") {
  const plan forward = compile(ddim{}, steps(3), guided(eps_model{}, classifier_free(3)));
  const adjoint_plan turned = transposed(forward);
  REQUIRE(turned.products.size() == 6);
  for (std::size_t k = 0; k < 6; ++k) CHECK(turned.products[k].output == static_cast<int>(k % 2));
  CHECK(turned.backward.kernels() == 7);
}

TEST_CASE("with rows, every array that was written shows its cotangent, at the combine that wrote it") {
  const plan forward = compile(dpmpp_2m{}, steps(4), eps_model{});
  const adjoint_plan turned = transposed(forward, true);
  std::vector<int> rows(forward.instructions().size());
  for (const instruction& i : turned.backward.instructions())
    if (i.what == operation::watch) {
      const instruction& combine = forward.instructions()[static_cast<std::size_t>(i.point)];
      CHECK(combine.what == operation::combine);
      CHECK(i.tag < combine.outs);
      ++rows[static_cast<std::size_t>(i.point)];
    }
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i] == (forward.instructions()[i].what == operation::combine ? forward.instructions()[i].outs : 0));
}

TEST_CASE("a filter is gone back through where it was applied") {
  const plan forward = compile(ddim{}, steps(2), filtered(eps_model{}, clip{1}));
  const adjoint_plan turned = transposed(forward);
  REQUIRE(shape_of(forward) == "ckfkckfk");
  CHECK(shape_of(turned.backward) == "kfkckfkck");
  for (const instruction& i : turned.backward.instructions())
    if (i.what == operation::filter) CHECK(forward.instructions()[static_cast<std::size_t>(i.tag)].what == operation::filter);
}
