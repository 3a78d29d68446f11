// SPDX-License-Identifier: MIT
// expect: error: static(_assert| assertion) failed.*diffode: an xtensor expression has no memory of its own: evaluate it into a named xt::xarray or xt::xtensor and pass that
#include "diffode/adapter/xtensor.hpp"
#include "diffode/diffode.hpp"

int main() {
  xt::xtensor<float, 2> x({4, 6});
  diffode::sampler s(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0_model{}, x + x);
}
