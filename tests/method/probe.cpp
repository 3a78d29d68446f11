// SPDX-License-Identifier: MIT
#include "method/probe.hpp"

#include "catch.hpp"

using namespace diffode_test;

// g_of divides rounding errors by h; its recurrence in long double starts from 1e-19. The spec's own numbers:
TEST_CASE("the g of these tests are those of the specification") {
  const std::vector<double> data = g_of(prediction::x0, 0.5), noise = g_of(prediction::eps, 0.5);
  const double golden_data[] = {0, 0.3934693402873664, 0.2130613194252668, 0.0738773611494663, 0.01891194436773405};
  const double golden_noise[] = {0, 0.6487212707001281, 0.2974425414002563, 0.09488508280051258, 0.0231034989343585};
  for (std::size_t k = 1; k <= 4; ++k) {
    CHECK(data[k] == Approx(golden_data[k]).epsilon(1e-14));
    CHECK(noise[k] == Approx(golden_noise[k]).epsilon(1e-14));
  }
}

TEST_CASE("the library's g are those of the specification") {
  for (const prediction form : {prediction::x0, prediction::eps}) {
    const exponential_step<double> e = exponential(form, ve{}.at_lambda(0), ve{}.at_lambda(0.5));
    const std::vector<double> g = g_of(form, 0.5);
    for (std::size_t k = 1; k <= 4; ++k) CHECK(e.g[k] == Approx(g[k]).epsilon(1e-14));
  }
}
