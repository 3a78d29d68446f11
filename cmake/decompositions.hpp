// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

// The decompositions of Eigen that our own programs use: half of what such a file takes to compile, and in one file of each
// program enough (see diffode_share_decompositions in programs.cmake). Templates among the members are not part of their class's.
#define DIFFODE_DECOMPOSITIONS(declare)                                                                    \
  declare template class Eigen::BDCSVD<Eigen::MatrixXd>;                                                   \
  declare template class Eigen::LDLT<Eigen::MatrixXd>;                                                     \
  declare template Eigen::LDLT<Eigen::MatrixXd>& Eigen::LDLT<Eigen::MatrixXd>::compute(                    \
      const Eigen::EigenBase<Eigen::MatrixXd>&);                                                           \
  declare template class Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;                                   \
  declare template Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>&                                         \
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>::compute(const Eigen::EigenBase<Eigen::MatrixXd>&, int);
DIFFODE_DECOMPOSITIONS(extern)
