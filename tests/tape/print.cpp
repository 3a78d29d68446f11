// SPDX-License-Identifier: MIT
#include "diffode/tape/print.hpp"

#include "diffode/diffode.hpp"

#include "catch.hpp"

#include <string>
#include <vector>

using namespace diffode;

namespace {

grid halving(int count) {
  std::vector<double> sigmas;
  for (int i = 0; i <= count; ++i) sigmas.push_back(8. / (1 << i));
  return from_sigmas(ve{}, sigmas);
}

}  // namespace

TEST_CASE("a printed plan: a line of costs, then one line for each instruction and row") {
  // On sigma = 8, 4, 2 the weights are dyadic: g1 = 1/2, so w0 = 3/4 and w1 = -1/4.
  CHECK(to_string(compile(dpmpp_2m{}, halving(2), eps_model{})) ==
        "dpmpp_2m: 2 steps, 2 calls, 2 kernels, 2 slots, 0 noise arrays; largest coefficient 8; bytes per element: 20 read, 12 written\n"
        "call    s0 label 8 lambda -2.07944, step 0\n"
        "combine s1 = s0 - 8*F\n"
        "        s0 = s0 - 4*F\n"
        "call    s0 label 4 lambda -1.38629, step 1\n"
        "combine s0 = 1.25*s0 - 0.25*s1 - 3*F\n");
}

TEST_CASE("where the model has a slot of its own, the head says which") {
  CHECK(to_string(compile(euler{}, halving(2), eps_model{}, {.own_input = true})) ==
        "euler: 2 steps, 2 calls, 3 kernels, 2 slots, 0 noise arrays; largest coefficient 4; bytes per element: 20 read, 16 written\n"
        "the model reads s1, and nothing else does\n"
        "combine s1 = s0\n"
        "call    s1 label 8 lambda -2.07944, step 0\n"
        "combine s0 = s0 - 4*F\n"
        "        s1 = s0 - 4*F\n"
        "call    s1 label 4 lambda -1.38629, step 1\n"
        "combine s0 = s0 - 2*F\n");
}

TEST_CASE("with several outputs they are numbered, and the call says which are wanted") {
  guidance mix = classifier_free(3);
  mix.from_lambda = -1.5;
  CHECK(to_string(compile(euler{}, halving(2), guided(x0_model{}, mix))) ==
        "euler: 2 steps, 2 calls, 2 kernels, 1 slot, 0 noise arrays; largest coefficient 1.5; bytes per element: 20 read, 8 written\n"
        "call    s0 label 8 lambda -2.07944, step 0, wanted: F0\n"
        "combine s0 = 0.5*s0 + 0.5*F0\n"
        "call    s0 label 4 lambda -1.38629, step 1, wanted: F0 F1\n"
        "combine s0 = 0.5*s0 + 1.5*F0 - F1\n");
}

TEST_CASE("filters, watches, noise and stages are shown for what they are") {
  const grid to_zero = from_sigmas(ve{}, std::vector<double>{2, 1, 0});
  CHECK(to_string(compile(heun{}, to_zero, filtered(x0_model{}, clip{}), {.watch_denoised = true})) ==
        "heun: 2 steps, 3 calls, 6 kernels, 3 filters, 3 slots, 0 noise arrays; largest coefficient 1; bytes per element: 44 read, 36 written\n"
        "call    s0 label 2 lambda -0.693147, step 0\n"
        "combine s1 = F\n"
        "filter  s1 = filter(s1)\n"
        "combine s2 = 0.5*s0 + 0.5*s1\n"
        "watch   s1 denoised at point 0\n"
        "call    s2 label 1 lambda 0, step 0, stage 1\n"
        "combine s1 = F\n"
        "filter  s1 = filter(s1)\n"
        "combine s0 = 0.5*s0 + 0.5*s1\n"
        "watch   s1 denoised at point 0\n"
        "call    s0 label 1 lambda 0, step 1\n"
        "combine s1 = F\n"
        "filter  s1 = filter(s1)\n"
        "combine s0 = s1\n"
        "watch   s1 denoised at point 1\n");
  CHECK_THAT(to_string(compile(euler{}, to_zero, x0_model{}, {.watch_state = true})), diffode_test::contains("\nwatch   s0 state at point 1\n"));
  const std::string noisy = to_string(compile(ddim{.eta = 1}, halving(3), x0_model{}));
  CHECK_THAT(noisy, diffode_test::contains("1 slot, 3 noise arrays;"));
  CHECK_THAT(noisy, diffode_test::contains("combine s0 = 0.25*s0 + 0.75*F + 3.4641*z0\n"));
  CHECK_THAT(noisy, diffode_test::contains("z2\n"));
}

TEST_CASE("with lanes the coefficients are those of one lane, and the head says of which") {
  const grid other = from_sigmas(ve{}, std::vector<double>{4, 1, 0.25});
  const plan p = compile(euler{}, fixed<lanes>({halving(2), other}, {16, 2}), x0_model{});
  const std::string first = to_string(p), second = to_string(p, {.lane = 1});
  CHECK_THAT(first, diffode_test::contains("\n2 lanes of stride 16; the numbers are those of lane 0\ncall    s0 label 8 "));
  CHECK_THAT(first, diffode_test::contains("combine s0 = 0.5*s0 + 0.5*F\n"));
  CHECK_THAT(second, diffode_test::contains("\n2 lanes of stride 16; the numbers are those of lane 1\ncall    s0 label 4 "));
  CHECK_THAT(second, diffode_test::contains("combine s0 = 0.25*s0 + 0.75*F\n"));
}

TEST_CASE("digits and the size of an element are options") {
  const plan p = compile(ddim{.eta = 1}, halving(1), x0_model{});
  CHECK_THAT(to_string(p, {.digits = 3, .element_bytes = 2}), diffode_test::contains("bytes per element: 4 read, 2 written"));
  CHECK_THAT(to_string(p, {.digits = 3}), diffode_test::contains("3.46*z0"));
  CHECK_THAT(to_string(p, {.digits = 17}), diffode_test::contains("3.4641016151377"));
}

TEST_CASE("wrong print options are refused") {
  const plan p = compile(euler{}, halving(1), x0_model{});
  CHECK_THROWS_WITH(to_string(p, {.digits = 0}), "to_string: digits is 0, needs 1 to 17");
  CHECK_THROWS_WITH(to_string(p, {.digits = 18}), "to_string: digits is 18, needs 1 to 17");
  CHECK_THROWS_WITH(to_string(p, {.lane = 1}), "to_string: lane is 1, needs 0 to 0");
}

TEST_CASE("plans and levels can be formatted with fmt") {
  const plan p = compile(euler{}, halving(1), x0_model{});
  CHECK(fmt::format("{}", p) == to_string(p));
  level<> at = ve{}.at(0.5);
  at.label = 7;
  CHECK(fmt::format("{}", at) == "t 0.5 alpha 1 sigma 0.5 lambda 0.6931471805599453 label 7");
  CHECK(fmt::format("{:>66}", at) == "         " + to_string(at));
}

TEST_CASE("DPM-Solver++ 2M and UniPC-2 on an eps model: one kernel for each of 10 evaluations, 2 and at most 4 slots") {
  const grid levels = uniform_lambda(vp_linear{}, {.from = 1, .to = 1e-3, .count = 10});
  CHECK_THAT(to_string(compile(dpmpp_2m{}, levels, eps_model{})),
             diffode_test::starts_with("dpmpp_2m: 10 steps, 10 calls, 10 kernels, 2 slots, 0 noise arrays; largest coefficient 152.17;"));
  const plan unified = compile(unipc{.p = 2}, levels, eps_model{});
  CHECK_THAT(to_string(unified), diffode_test::starts_with("unipc: 10 steps, 10 calls, 10 kernels, 3 slots, 0 noise arrays;"));
  CHECK(unified.slots() <= 4);
}
