// SPDX-License-Identifier: MIT
#include "diffode/schedule/zero_snr.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

const beta_options stable_diffusion{.rule = beta_rule::scaled_linear, .first = 0.00085, .last = 0.012};
constexpr interpolation every_rule[] = {interpolation::log_rho, interpolation::log_alpha, interpolation::rho};

}  // namespace

TEST_CASE("zero_snr: the first entry stays, the last one vanishes, sqrt(abar) is moved along a line") {
  const discrete old = discrete_from(stable_diffusion), d = zero_snr(old);
  CHECK(d.log_alpha.front() == old.log_alpha.front());
  CHECK(d.at(999).alpha == 0);
  CHECK(d.at(999).lambda == -infinity);
  const double first = old.at(0).alpha, last = old.at(999).alpha;
  double worst = 0;
  for (int i = 0; i < 999; ++i)
    worst = std::fmax(worst, off(d.at(i).alpha, (old.at(i).alpha - last) * first / (first - last)));
  CHECK(worst < 1e-12);  // the formula as printed cancels near the last entry: 1e-16/1e-4
  for (const interpolation between : every_rule) {
    discrete other = d;
    other.between = between;
    CHECK(worst_inverse(other, 0, 999) < 1e-13);
    CHECK(message(other.check()) == "no fault");
  }
}

TEST_CASE("zero_snr: the vanishing abar can be replaced by a floor") {
  const discrete d = zero_snr(discrete_from(stable_diffusion), {.last_abar = 0x1p-24});
  CHECK(off(rho(d.at(999)), std::sqrt(0x1p24 - 1)) < 1e-14);
  CHECK(message(d.check()) == "no fault");
}

TEST_CASE("zero_snr: refusals name argument, value and what is allowed") {
  CHECK(message(try_zero_snr(zero_snr(discrete_from({})))) ==
        "zero_snr: last alpha of the table is 0 already, needs above 0");
  CHECK_THAT(message(try_zero_snr(discrete_from({}), {.last_abar = 0.5})),
             starts_with("zero_snr: last_abar is 0.5, needs a number not below 0 and below "));
}
