// SPDX-License-Identifier: MIT
// expect: error: static(_assert| assertion) failed.*diffode: this xtensor array is read-only
#include "diffode/adapter/xtensor.hpp"
#include "diffode/diffode.hpp"

int main() {
  const float memory[24] = {};
  const float* p = memory;
  diffode::sampler s(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0_model{}, xt::adapt(p, 24, xt::no_ownership(), std::array<std::size_t, 2>{4, 6}));
}
