// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "frechet.hpp"
#include "real_digits.hpp"

#include <cmath>
#include <filesystem>
#include <vector>

using Catch::Approx;
using diffode_test::contains;

namespace {

Eigen::MatrixXd real_points() {
  return digits::as_points(
      digits::load_real_digits(std::filesystem::path(DIFFODE_DIGITS_DATA) / "held_out.safetensors").images);
}

}  // namespace

TEST_CASE("a set is at distance zero from itself") {
  // 64 pixels, some of them constant: a covariance without full rank
  const digits::moments all = digits::moments_of(real_points());
  CHECK(digits::frechet_squared(all, all) <= 1e-9 * all.covariance.trace());
}

TEST_CASE("two halves of the real digits are nearer to each other than to noise") {
  const Eigen::MatrixXd points = real_points();
  const digits::principal_axes axes(points, 16);
  const auto first = digits::moments_of(axes.project(points.topRows(250)));
  const auto second = digits::moments_of(axes.project(points.bottomRows(250)));
  const auto blank = digits::moments_of(axes.project(Eigen::MatrixXd::Constant(250, 64, -1.0)));
  CHECK(digits::frechet_squared(first, second) < 0.1 * digits::frechet_squared(first, blank));
}

TEST_CASE("Gaussians with diagonal covariances have the closed form") {
  const Eigen::Vector3d deviation1(1.0, 2.0, 0.0), deviation2(3.0, 0.5, 1e-3);
  const digits::moments a{Eigen::Vector3d(0.0, 1.0, 2.0),
                          deviation1.cwiseAbs2().asDiagonal().toDenseMatrix()};
  const digits::moments b{Eigen::Vector3d(1.0, 1.0, 4.0),
                          deviation2.cwiseAbs2().asDiagonal().toDenseMatrix()};
  const double expected = 5.0 + (deviation1 - deviation2).squaredNorm();
  CHECK(digits::frechet_squared(a, b) == Approx(expected).epsilon(1e-12));
  CHECK(digits::frechet_squared(b, a) == Approx(expected).epsilon(1e-12));
}

TEST_CASE("covariances that do not commute have the closed form of two dimensions") {
  Eigen::Matrix2d first, second;
  first << 2.0, 0.5, 0.5, 1.0;
  second << 1.0, -0.7, -0.7, 3.0;
  const digits::moments a{Eigen::Vector2d::Zero(), first}, b{Eigen::Vector2d::Zero(), second};
  // the trace of a root of a 2x2 matrix M is sqrt(tr M + 2 sqrt(det M))
  const Eigen::Matrix2d product = first * second;
  const double root = std::sqrt(product.trace() + 2.0 * std::sqrt(product.determinant()));
  CHECK(digits::frechet_squared(a, b) == Approx(7.0 - 2.0 * root).epsilon(1e-12));
}

TEST_CASE("moments are the mean and the covariance over n - 1") {
  const std::vector<float> images{1.0f, 0.0f, 3.0f, 0.0f, 2.0f, 3.0f};
  const auto found = digits::moments_of(digits::as_points(images, 2));
  Eigen::Matrix2d covariance;
  covariance << 1.0, 0.0, 0.0, 3.0;
  CHECK((found.mean - Eigen::Vector2d(2.0, 1.0)).norm() <= 1e-15);
  CHECK((found.covariance - covariance).norm() <= 1e-15);
}

TEST_CASE("principal axes keep the wide directions and all of them keep distances") {
  const Eigen::MatrixXd points = real_points();
  const digits::principal_axes few(points, 16), all(points, 64);
  CHECK(few.share() > 0.8);
  CHECK(all.share() == Approx(1.0).epsilon(1e-12));
  const Eigen::MatrixXd variance = digits::moments_of(few.project(points)).covariance;
  for (Eigen::Index i = 1; i < 16; ++i) CHECK(variance(i - 1, i - 1) >= variance(i, i));
  const double before = (points.row(0) - points.row(1)).norm();
  const Eigen::MatrixXd after = all.project(points.topRows(2));
  CHECK((after.row(0) - after.row(1)).norm() == Approx(before).epsilon(1e-12));
}

TEST_CASE("sets without a Fréchet distance are refused") {
  const std::vector<float> images(100);
  const digits::moments two{Eigen::Vector2d::Zero(), Eigen::Matrix2d::Identity()};
  const digits::moments three{Eigen::Vector3d::Zero(), Eigen::Matrix3d::Identity()};
  CHECK_THROWS_WITH(digits::as_points(images),
                    contains("images has 100 elements, expected a multiple of 64"));
  CHECK_THROWS_WITH(digits::moments_of(Eigen::MatrixXd(1, 3)), contains("has 1 points, needs at least 2"));
  CHECK_THROWS_WITH(digits::frechet_squared(two, three), contains("dimensions 2 and 3 differ"));
  CHECK_THROWS_WITH(digits::principal_axes(Eigen::MatrixXd::Zero(5, 4), 5),
                    contains("count is 5, allowed are 1..4"));
}
