// SPDX-License-Identifier: MIT
#include "diffode/search/frechet_distance.hpp"

#include "catch.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/model/bound.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/search/objectives.hpp"
#include "diffode/search/table_of.hpp"
#include "vp_a.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace diffode_test;
namespace dd = diffode;

namespace {

/// Points whose moments are the given ones exactly: the mean and, along each column of a root of the covariance, one on each side.
std::vector<double> points_of(const Eigen::VectorXd& mean, const Eigen::MatrixXd& root) {
  const Eigen::Index n = mean.size(), count = 2 * root.cols();
  std::vector<double> x;
  for (Eigen::Index k = 0; k < count; ++k) {
    // Of `count` points, over count - 1.
    const Eigen::VectorXd p = mean + (k % 2 == 0 ? 1 : -1) * std::sqrt(static_cast<double>(count - 1) / 2) * root.col(k / 2);
    for (Eigen::Index i = 0; i < n; ++i) x.push_back(p(i));
  }
  return x;
}
double distance(const std::vector<double>& a, const std::vector<double>& b, std::size_t size, std::size_t axes = 0) {
  return dd::frechet_distance::to_data(std::span(a), size, axes)(std::span(b));
}
std::string why(const std::vector<double>& data, std::size_t size, std::size_t axes = 0) {
  return dd::frechet_distance::try_to_data(std::span(data), size, axes).reason().value().what();
}

}  // namespace

TEST_CASE("normal distributions that vary along the same axes have the closed form") {
  const Eigen::Vector3d here(0, 1, 2), there(1, 1, 4), deviation1(1, 2, 0), deviation2(3, 0.5, 1e-3);
  const std::vector<double> a = points_of(here, deviation1.asDiagonal().toDenseMatrix()), b = points_of(there, deviation2.asDiagonal().toDenseMatrix());
  const double wanted = 5 + (deviation1 - deviation2).squaredNorm();
  CHECK(distance(a, b, 3) == Approx(wanted).epsilon(1e-12));
  CHECK(distance(b, a, 3) == Approx(wanted).epsilon(1e-12));
  CHECK(distance(a, a, 3) < 1e-12);
  const auto known = dd::frechet_distance::to_moments({there, deviation2.cwiseAbs2().asDiagonal().toDenseMatrix()});
  CHECK(known(std::span<const double>(a)) == Approx(wanted).epsilon(1e-12));
  // The two widest axes of a are its second and first: the third is not seen.
  const auto along = dd::frechet_distance::to_data(std::span<const double>(a), 3, 2);
  CHECK(along(std::span<const double>(b)) == Approx(1 + 4 + 2.25).epsilon(1e-12));
  CHECK(along.share() == Approx(1).epsilon(1e-12));
  CHECK(dd::frechet_distance::to_data(std::span<const double>(a), 3, 1).share() == Approx(0.8).epsilon(1e-12));
}

TEST_CASE("normal distributions whose axes differ have the closed form of two dimensions") {
  Eigen::Matrix2d root1, root2;
  root1 << 1.3, 0.2, -0.4, 0.9;
  root2 << 0.5, -0.7, 1.1, 1.6;
  const Eigen::Matrix2d first = root1 * root1.transpose(), product = first * root2 * root2.transpose();
  // The trace of a root of a 2 x 2 matrix M is sqrt(tr M + 2 sqrt(det M)).
  const double root = std::sqrt(product.trace() + 2 * std::sqrt(product.determinant()));
  const double wanted = first.trace() + (root2 * root2.transpose()).trace() - 2 * root;
  CHECK(distance(points_of(Eigen::Vector2d::Zero(), root1), points_of(Eigen::Vector2d::Zero(), root2), 2) == Approx(wanted).epsilon(1e-12));
}

TEST_CASE("a shift of all samples is its square, along any number of axes that see it") {
  std::vector<float> x(60), y;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i * i));
  for (const float v : x) y.push_back(v + 0.5f);
  for (const std::size_t axes : {0U, 6U})
    CHECK(dd::frechet_distance::to_data(std::span<const float>(x), 6, axes)(std::span<const float>(y)) == Approx(6 * 0.25).epsilon(1e-6));
}

TEST_CASE("a search can have it for objective: samples that are nearer to the data score less, those that are no numbers nothing") {
  const dd::noise_path path{dd::vp_linear{}};
  const dd::grid ends = vp_a_grid(1);
  const std::vector<double> starts = quantiles(ends.front(), 200), data = quantiles(ends.back(), 200);
  const auto frechet = dd::frechet_distance::to_data(std::span<const double>(data), 1);
  const dd::distance_of objective{path, dd::eps(vp_a_model{}), starts, frechet, 200};
  double before = std::numeric_limits<double>::infinity();
  for (const int steps : {3, 6, 12, 24}) {
    const double score = objective(dd::table_of(dd::ddim{}, vp_a_grid(steps)));
    CHECK(score < before);
    before = score;
  }
  CHECK(before < 1e-2);
  const std::vector<double> broken{1, std::numeric_limits<double>::quiet_NaN()};
  CHECK(std::isinf(frechet(std::span<const double>(broken))));
}

TEST_CASE("data and samples without a distance are refused") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(why({1, 2, 3, 4}, 0) == "frechet_distance: size is 0, needs at least 1");
  CHECK(why({1, 2, 3, 4, 5}, 2) == "frechet_distance: data has 5 numbers, needs at least 2 samples of 2");
  CHECK(why({1, 2}, 2) == "frechet_distance: data has 2 numbers, needs at least 2 samples of 2");
  CHECK(why({1, 2, inf, 4}, 2) == "frechet_distance: data[2] is inf, needs a finite number");
  CHECK(why({1, 2, 3, 4}, 2, 3) == "frechet_distance: axes is 3, needs 0 (all) to 2, the numbers in a sample");
  const std::vector<double> data{1, 2, 3, 5}, odd{1, 2, 3};
  const auto d = dd::frechet_distance::to_data(std::span<const double>(data), 2);
  CHECK(std::string(d.try_of(std::span<const double>(odd)).reason().value().what()) == "frechet_distance: samples has 3 numbers, needs at least 2 samples of 2");
  CHECK(std::string(dd::frechet_distance::try_to_moments({Eigen::Vector2d::Zero(), Eigen::Matrix3d::Zero()}).reason().value().what()) ==
        "frechet_distance: covariance is 3 x 3 beside a mean of 2 numbers, needs as many rows and columns, at least 1");
  CHECK_THROWS_WITH(dd::frechet_distance::to_moments({Eigen::Vector2d(0, inf), Eigen::Matrix2d::Zero()}),
                    "frechet_distance: mean or covariance has a number that is not finite, needs finite ones");
}
