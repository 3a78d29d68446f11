// SPDX-License-Identifier: MIT
// expect: error: static(_assert| assertion) failed.*diffode: a block of an Eigen array has gaps in memory: take whole columns \(leftCols, middleCols, col; rows if it is row-major\), or copy it into a Matrix
#include "diffode/adapter/eigen.hpp"
#include "diffode/diffode.hpp"

int main() {
  Eigen::MatrixXf x(4, 6);
  diffode::sampler s(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0_model{}, x.topRows(2));
}
