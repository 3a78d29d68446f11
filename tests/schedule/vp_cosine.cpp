// SPDX-License-Identifier: MIT
#include "diffode/schedule/vp_cosine.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("vp_cosine: at_lambda inverts at, normalised or not") {
  CHECK(worst_inverse(vp_cosine{}, 0, 0.9946) < 1e-14);
  CHECK(worst_inverse(vp_cosine{.normalised = false}, 0, 0.9946) < 1e-14);
  CHECK(worst_inverse(vp_cosine{.offset = 0.2}, 0, 0.9946) < 1e-14);
  CHECK(worst_level(vp_cosine{}, 1e-9, 0.9946) < 1e-14);
}

TEST_CASE("vp_cosine: the variance is preserved and lambda is log(alpha/sigma)") {
  CHECK(worst_norm(vp_cosine{}, 0, 1) < 2e-15);
  CHECK(worst_norm(vp_cosine{.normalised = false}, 0, 1) < 1e-15);
  check_lambda(vp_cosine{});
  check_lambda(vp_cosine{.normalised = false});
}

TEST_CASE("vp_cosine: the definition is met where it does not cancel") {
  const auto angle = [](double t) { return (t + 0.008) / 1.008 * std::acos(-1.0) / 2; };
  for (const double t : {0.1, 0.3, 0.5, 0.8, 0.9}) {
    CHECK(off(vp_cosine{}.at(t).alpha, std::cos(angle(t)) / std::cos(angle(0))) < 1e-14);
    CHECK(off(vp_cosine{.normalised = false}.at(t).alpha, std::cos(angle(t))) < 1e-14);
    CHECK(off(vp_cosine{.normalised = false}.at(t).sigma, std::sin(angle(t))) < 1e-14);
  }
}

TEST_CASE("vp_cosine: the ends of lambda") {
  check_clean_end(vp_cosine{});
  check_clean_end(vp_cosine{.normalised = false});
  CHECK(vp_cosine{}.at(0).sigma == 0);
  CHECK(vp_cosine{}.range().noisy == 0.9946);
  const level<> noise = vp_cosine{}.at_lambda(-infinity);
  CHECK(noise.alpha == 0);
  CHECK(noise.sigma == 1);
  CHECK(off(noise.t, 1) < 1e-15);
}

TEST_CASE("vp_cosine: refusals name argument, value and what is allowed") {
  CHECK(message(vp_cosine{}.check()) == "no fault");
  CHECK(message(vp_cosine{.offset = not_a_number}.check()) ==
        "vp_cosine: offset is nan, needs a finite number above 0");
  CHECK(message(vp_cosine{.offset = -0.008}.check()) ==
        "vp_cosine: offset is -0.008, needs a finite number above 0");
}
