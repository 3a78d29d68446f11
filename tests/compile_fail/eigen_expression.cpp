// SPDX-License-Identifier: MIT
// expect: error: static(_assert| assertion) failed.*diffode: an Eigen expression has no memory of its own: evaluate it into a named Matrix or Array and pass that
#include "diffode/adapter/eigen.hpp"
#include "diffode/diffode.hpp"

int main() {
  Eigen::MatrixXf x(4, 6);
  diffode::sampler s(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0_model{}, x + x);
}
