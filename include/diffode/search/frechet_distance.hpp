// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

namespace diffode {

/// Mean and covariance: the normal distribution that a Frechet distance sees in the place of points.
struct point_moments {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

namespace detail {

using point_rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Numbers one after another as points of `size` each, one a row.
template <class T>
result<point_rows> try_point_rows(std::span<const T> x, std::size_t size, const char* name) {
  if (size == 0) return refuse(errc::bad_shape, "frechet_distance: size is 0, needs at least 1");
  if (x.size() % size != 0 || x.size() < 2 * size)
    return refuse(errc::bad_shape, "frechet_distance: ", name, " has ", x.size(), " numbers, needs at least 2 samples of ", size);
  point_rows rows(static_cast<Eigen::Index>(x.size() / size), static_cast<Eigen::Index>(size));
  for (std::size_t i = 0; i < x.size(); ++i) rows.data()[i] = static_cast<double>(x[i]);
  return rows;
}

/// Covariance over n - 1.
inline point_moments moments_of(const point_rows& points) {
  const Eigen::RowVectorXd mean = points.colwise().mean();
  const Eigen::MatrixXd off = points.rowwise() - mean;
  return {mean.transpose(), off.transpose() * off / static_cast<double>(points.rows() - 1)};
}

/// The symmetric square root; eigenvalues that rounding made negative count as zero.
inline Eigen::MatrixXd square_root(const Eigen::MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance);
  const Eigen::VectorXd roots = eigen.eigenvalues().cwiseMax(0.0).cwiseSqrt();
  return eigen.eigenvectors() * roots.asDiagonal() * eigen.eigenvectors().transpose();
}

}  // namespace detail

/// Squared Frechet (2-Wasserstein) distance of samples to data, both seen as normal distributions, in squared units of the numbers:
///   |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2).
/// FID is this distance of a network's features. As the objective of a search: distance_of{path, model, start, distance, batch}.
///
/// Source  Dowson and Landau 1982, J. Multivariate Anal. 12, 450
/// Few samples have a poor covariance and are further off than many: compare equal counts, or look along few axes. Time grows with
/// the cube of the axes, and memory with the square of the size: for samples of more than some thousand numbers, hand it features.
class frechet_distance {
 public:
  /// data  samples one after another, `size` numbers each, 2 at least
  /// axes  look only along so many axes, those along which the data varies most; 0 for all
  /// Errors  what is no whole number of samples, a number that is not finite, more axes than numbers in a sample
  template <class T>
  static result<frechet_distance> try_to_data(std::span<const T> data, std::size_t size, std::size_t axes = 0) {
    const auto rows = detail::try_point_rows(data, size, "data");
    if (!rows) return *rows.reason();
    for (std::size_t i = 0; i < data.size(); ++i)
      if (!std::isfinite(rows.value().data()[i]))
        return detail::refuse(errc::bad_call, "frechet_distance: data[", i, "] is ", rows.value().data()[i], ", needs a finite number");
    if (axes > size) return detail::refuse(errc::bad_call, "frechet_distance: axes is ", axes, ", needs 0 (all) to ", size, ", the numbers in a sample");
    return frechet_distance(detail::moments_of(rows.value()), static_cast<Eigen::Index>(axes));
  }
  template <class T>
  static frechet_distance to_data(std::span<const T> data, std::size_t size, std::size_t axes = 0) {
    return try_to_data(data, size, axes).value();
  }

  /// A distribution whose moments are known.
  ///
  /// Errors  a covariance of another size than the mean, numbers that are not finite
  static result<frechet_distance> try_to_moments(const point_moments& m) {
    if (m.mean.size() == 0 || m.covariance.rows() != m.mean.size() || m.covariance.cols() != m.mean.size())
      return detail::refuse(errc::bad_shape, "frechet_distance: covariance is ", m.covariance.rows(), " x ", m.covariance.cols(), " beside a mean of ", m.mean.size(),
                    " numbers, needs as many rows and columns, at least 1");
    if (!m.mean.allFinite() || !m.covariance.allFinite())
      return detail::refuse(errc::bad_call, "frechet_distance: mean or covariance has a number that is not finite, needs finite ones");
    return frechet_distance(m, 0);
  }
  static frechet_distance to_moments(const point_moments& m) { return try_to_moments(m).value(); }

  /// samples  one after another, as many numbers each as the data's, 2 at least
  /// Returns  the squared distance, never below zero; infinite where a sample is not finite
  template <class T>
  result<double> try_of(std::span<const T> samples) const {
    const auto rows = detail::try_point_rows(samples, size_, "samples");
    if (!rows) return *rows.reason();
    if (!rows.value().allFinite()) return std::numeric_limits<double>::infinity();
    const point_moments there = along_axes(detail::moments_of(rows.value()));
    // The last trace is the sum of the singular values of C1^1/2 C2^1/2. These, and not roots of the eigenvalues of the product, keep
    // the precision of the small ones.
    const Eigen::BDCSVD<Eigen::MatrixXd> product(root_ * detail::square_root(there.covariance));
    const double spread = trace_ + there.covariance.trace() - 2 * product.singularValues().sum();
    return (here_ - there.mean).squaredNorm() + (spread > 0 ? spread : 0.0);
  }
  template <class T>
  double operator()(std::span<const T> samples) const {
    return try_of(samples).value();
  }

  /// How much of the variance of the data lies along the axes, from 0 to 1.
  double share() const { return share_; }

 private:
  frechet_distance(const point_moments& all, Eigen::Index axes) : size_(static_cast<std::size_t>(all.mean.size())) {
    if (axes > 0) {
      const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(all.covariance);  // ascending
      axes_ = eigen.eigenvectors().rightCols(axes).rowwise().reverse();
      const double whole = all.covariance.trace();
      share_ = whole > 0 ? eigen.eigenvalues().tail(axes).sum() / whole : 1;
    }
    const point_moments m = along_axes(all);
    here_ = m.mean, root_ = detail::square_root(m.covariance), trace_ = m.covariance.trace();
  }

  point_moments along_axes(const point_moments& m) const {
    if (axes_.size() == 0) return m;
    return {axes_.transpose() * m.mean, axes_.transpose() * m.covariance * axes_};
  }

  std::size_t size_;             ///< of a sample
  Eigen::MatrixXd axes_, root_;  ///< a column each, none for all; the square root of the covariance along them
  Eigen::VectorXd here_;         ///< the mean along them
  double trace_ = 0, share_ = 1;
};

}  // namespace diffode
