// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

namespace digits {

/// Images as points: one row per image, one column per pixel.
///
/// Shapes  `images` holds `pixels` floats per image
/// Errors  std::invalid_argument when `images` is no whole number of images
inline Eigen::MatrixXd as_points(std::span<const float> images, std::size_t pixels = 64) {
  if (pixels == 0 || images.size() % pixels != 0)
    throw std::invalid_argument("digits::as_points: images has " + std::to_string(images.size()) +
                                " elements, expected a multiple of " + std::to_string(pixels));
  using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const row_major> rows(images.data(), static_cast<Eigen::Index>(images.size() / pixels),
                                         static_cast<Eigen::Index>(pixels));
  return rows.cast<double>();
}

/// Mean and covariance of a set of points: the Gaussian that the Frechet distance sees in its place.
struct moments {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

/// Sample moments (covariance over n - 1) of points, one per row; needs two at least.
inline moments moments_of(const Eigen::MatrixXd& points) {
  if (points.rows() < 2)
    throw std::invalid_argument("digits::moments_of: has " + std::to_string(points.rows()) +
                                " points, needs at least 2");
  const Eigen::RowVectorXd mean = points.colwise().mean();
  const Eigen::MatrixXd centred = points.rowwise() - mean;
  return {mean.transpose(), centred.transpose() * centred / static_cast<double>(points.rows() - 1)};
}

/// The symmetric square root of a covariance; eigenvalues that rounding made negative count as zero.
inline Eigen::MatrixXd square_root(const Eigen::MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance);
  const Eigen::VectorXd roots = eigen.eigenvalues().cwiseMax(0.0).cwiseSqrt();
  return eigen.eigenvectors() * roots.asDiagonal() * eigen.eigenvectors().transpose();
}

/// Squared Frechet (2-Wasserstein) distance of two Gaussians, in squared units of the points:
///   |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2).
///
/// Source  Dowson and Landau 1982, J. Multivariate Anal. 12, 450
/// The last trace is the sum of the singular values of C1^1/2 C2^1/2. Taking these, instead of roots of the
/// eigenvalues of the product, keeps the precision of the small ones. The result is never below zero.
///
/// Errors  std::invalid_argument when the dimensions differ
inline double frechet_squared(const moments& a, const moments& b) {
  if (a.mean.size() != b.mean.size())
    throw std::invalid_argument("digits::frechet_squared: dimensions " + std::to_string(a.mean.size()) +
                                " and " + std::to_string(b.mean.size()) + " differ");
  const Eigen::JacobiSVD<Eigen::MatrixXd> product(square_root(a.covariance) * square_root(b.covariance));
  const double spread = a.covariance.trace() + b.covariance.trace() - 2.0 * product.singularValues().sum();
  return (a.mean - b.mean).squaredNorm() + (spread > 0.0 ? spread : 0.0);
}

/// The directions in which a set of points varies most. Few images give a poor covariance of 64 pixels, but a
/// fair one of a dozen principal components.
class principal_axes {
 public:
  /// The `count` leading axes of points, one per row.
  principal_axes(const Eigen::MatrixXd& points, Eigen::Index count) {
    if (count < 1 || count > points.cols())
      throw std::invalid_argument("digits::principal_axes: count is " + std::to_string(count) +
                                  ", allowed are 1.." + std::to_string(points.cols()));
    const moments all = moments_of(points);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(all.covariance);  // ascending
    mean_ = all.mean.transpose();
    axes_ = eigen.eigenvectors().rightCols(count).rowwise().reverse();
    share_ = eigen.eigenvalues().tail(count).sum() / all.covariance.trace();
  }

  /// Coordinates along the axes, one row per point, the widest axis first.
  Eigen::MatrixXd project(const Eigen::MatrixXd& points) const { return (points.rowwise() - mean_) * axes_; }

  /// Share of the variance of the points that lies along the axes, in [0, 1].
  double share() const { return share_; }

 private:
  Eigen::RowVectorXd mean_;
  Eigen::MatrixXd axes_;
  double share_ = 0.0;
};

}  // namespace digits
