// SPDX-License-Identifier: MIT
#include "diffode/schedule/vp_linear.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

// The inverse is limited by lambda, which is known to eps * |lambda| (at most 2e-15 here); dt/dlambda is at most 0.3.
TEST_CASE("vp_linear: at_lambda inverts at") {
  CHECK(worst_inverse(vp_linear{}, 0, 1) < 1e-14);
  CHECK(worst_inverse(vp_linear{}, 0, 1e-6) < 1e-14);
  CHECK(worst_inverse(vp_linear{.beta0 = 3, .beta1 = 3}, 0, 1) < 1e-14);
  CHECK(worst_level(vp_linear{}, 1e-12, 1) < 5e-15);
  CHECK(worst_level(vp_linear{}, 1, 5) < 2e-13);  // lambda reaches -125: e^lambda has 125 eps of error
}

TEST_CASE("vp_linear: the variance is preserved and lambda is log(alpha/sigma)") {
  CHECK(worst_norm(vp_linear{}, 0, 1) < 1e-15);
  check_lambda(vp_linear{});
}

TEST_CASE("vp_linear: known values") {
  const level<> half = vp_linear{}.at(0.5005);  // 50 digits: rounded here to 16
  CHECK(off(half.alpha, 0.280476946727947) < 1e-14);
  CHECK(off(half.sigma, 0.9598607619619465) < 1e-14);
  const level<> one = vp_linear{}.at(1);
  CHECK(off(one.alpha, std::exp(-5.025)) < 1e-15);
  CHECK(off(vp_linear{}.at(1e-14).sigma, std::sqrt(1e-15)) <
        1e-12);  // sigma^2 = t beta0 + 10 t^2 keeps its digits
}

TEST_CASE("vp_linear: both ends of lambda") {
  check_clean_end(vp_linear{});
  CHECK(vp_linear{}.at(0).lambda == infinity);
  const level<> noise = vp_linear{}.at_lambda(-infinity);
  CHECK(noise.t == infinity);
  CHECK(noise.alpha == 0);
  CHECK(noise.sigma == 1);
  CHECK(std::isfinite(vp_linear{}.at_lambda(-1e6).t));
}

TEST_CASE("vp_linear: refusals name argument, value and what is allowed") {
  CHECK(message(vp_linear{}.check()) == "no fault");
  CHECK(message(vp_linear{.beta0 = 0}.check()) == "vp_linear: beta0 is 0, needs a finite number above 0");
  CHECK(message(vp_linear{.beta0 = not_a_number}.check()) ==
        "vp_linear: beta0 is nan, needs a finite number above 0");
  CHECK(message(vp_linear{.beta0 = -1}.check()) == "vp_linear: beta0 is -1, needs a finite number above 0");
  CHECK(message(vp_linear{.beta1 = 0.05}.check()) ==
        "vp_linear: beta1 is 0.05, needs a finite number not below beta0 = 0.1");
  CHECK(message(vp_linear{.beta1 = infinity}.check()) ==
        "vp_linear: beta1 is inf, needs a finite number not below beta0 = 0.1");
}
