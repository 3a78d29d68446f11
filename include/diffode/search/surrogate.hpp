// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// Predicts the score of a candidate that was not tried from those that were: kernel ridge regression of log(score) on
/// features brought to unit deviation, with a Gaussian kernel as wide as the tried ones are apart.
///
/// Source  Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, eq. (2.25): the mean of a Gaussian process
/// Cost    n^3/6 multiplications to fit n candidates, n for each feature of a prediction
class surrogate {
 public:
  /// features: rows of equal size; scores above 0. At least two rows.
  surrogate(std::vector<std::vector<double>> features, std::span<const double> scores, double ridge = 0.01) : rows_(std::move(features)) {
    scale_features();
    width_ = median_distance();
    const Eigen::Index n = static_cast<Eigen::Index>(rows_.size());
    Eigen::VectorXd y(n);
    for (Eigen::Index i = 0; i < n; ++i) y(i) = std::log(scores[static_cast<std::size_t>(i)]);
    mean_ = y.mean();
    Eigen::MatrixXd K(n, n);
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j <= i; ++j) K(i, j) = K(j, i) = kernel(rows_[static_cast<std::size_t>(i)], rows_[static_cast<std::size_t>(j)]) + (i == j ? ridge : 0);
    y.array() -= mean_;
    const Eigen::VectorXd w = K.ldlt().solve(y);
    weights_.assign(w.data(), w.data() + n);
  }

  /// The predicted log(score).
  double operator()(std::span<const double> features) const {
    std::vector<double> scaled(features.size());
    for (std::size_t k = 0; k < features.size(); ++k) scaled[k] = (features[k] - center_[k]) * scale_[k];
    double sum = mean_;
    for (std::size_t i = 0; i < rows_.size(); ++i) sum += weights_[i] * kernel(rows_[i], scaled);
    return sum;
  }

 private:
  void scale_features() {
    const std::size_t size = rows_[0].size();
    const double n = static_cast<double>(rows_.size());
    center_.assign(size, 0), scale_.assign(size, 0);
    for (const auto& row : rows_)
      for (std::size_t k = 0; k < size; ++k) center_[k] += row[k] / n;
    for (const auto& row : rows_)
      for (std::size_t k = 0; k < size; ++k) scale_[k] += (row[k] - center_[k]) * (row[k] - center_[k]) / n;
    // A feature that never varied says nothing.
    for (double& s : scale_) s = s > 1e-20 ? 1 / std::sqrt(s) : 0;
    for (auto& row : rows_)
      for (std::size_t k = 0; k < size; ++k) row[k] = (row[k] - center_[k]) * scale_[k];
  }

  static double distance(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum;
  }
  double kernel(const std::vector<double>& a, const std::vector<double>& b) const { return std::exp(-0.5 * distance(a, b) / width_); }

  /// Squared, over pairs.
  double median_distance() const {
    std::vector<double> all;
    for (std::size_t i = 1; i < rows_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) all.push_back(distance(rows_[i], rows_[j]));
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    return *middle > 0 ? *middle : 1;
  }

  std::vector<std::vector<double>> rows_;
  std::vector<double> center_, scale_, weights_;
  double width_ = 1, mean_ = 0;
};

}  // namespace diffode
