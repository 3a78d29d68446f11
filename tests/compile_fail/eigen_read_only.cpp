// SPDX-License-Identifier: MIT
// expect: error: static(_assert| assertion) failed.*diffode: this Eigen array is read-only \(a Map or Ref of const\)
#include "diffode/adapter/eigen.hpp"
#include "diffode/diffode.hpp"

int main() {
  const float memory[24] = {};
  diffode::sampler s(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0_model{}, Eigen::Map<const Eigen::MatrixXf>(memory, 4, 6));
}
