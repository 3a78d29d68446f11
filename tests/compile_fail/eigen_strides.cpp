// SPDX-License-Identifier: MIT
// expect: error: static(_assert| assertion) failed.*diffode: the strides of this Eigen array leave gaps in memory: pass one without, or copy it into a Matrix
#include "diffode/adapter/eigen.hpp"
#include "diffode/diffode.hpp"

int main() {
  float memory[24] = {};
  diffode::sampler s(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0_model{}, (Eigen::Map<Eigen::VectorXf, 0, Eigen::InnerStride<2>>(memory, 12)));
}
