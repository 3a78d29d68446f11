// SPDX-License-Identifier: MIT
#include "diffode/adapter/eigen.hpp"

#include "diffode/diffode.hpp"

#include "catch.hpp"

#include <concepts>
#include <cstddef>
#include <vector>

using namespace diffode;

namespace {

using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

grid levels() { return uniform_lambda(vp_linear{}, {.from = 1, .to = 0.01, .count = 5}); }

/// What the run makes of `start` as a plain vector.
template <class T>
std::vector<T> expected(std::vector<T> x) {
  const auto net = [](std::span<const T> in, const level<>&, std::span<T> out) {
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i] / 2;
  };
  sample(dpmpp_2m{}, levels(), eps(net), x);
  return x;
}

/// Runs with `x` as the state, through views that must look like it and lie in the run's own memory.
template <class A>
void check_run(A&& x) {
  using traits = array_traits<std::remove_cvref_t<A>>;
  using T = typename traits::element;
  T* memory = traits::data(x);
  const std::size_t n = traits::size(x);
  for (std::size_t i = 0; i < n; ++i) memory[i] = static_cast<T>(0.5 + 0.25 * static_cast<double>(i));
  const std::vector<T> truth = expected(std::vector<T>(memory, memory + n));
  using shape = typename std::remove_cvref_t<A>::PlainObject;
  bool in_place = false;
  const auto net = [&](Eigen::Map<const shape> in, const level<>&, Eigen::Map<shape> out) {
    REQUIRE(in.rows() == x.rows());
    REQUIRE(in.cols() == x.cols());
    REQUIRE(out.rows() == x.rows());
    REQUIRE(out.cols() == x.cols());
    in_place = in_place || in.data() == memory;
    out = in / 2;
  };
  sample(dpmpp_2m{}, levels(), eps(net), x);
  CHECK(in_place);
  for (std::size_t i = 0; i < n; ++i) CHECK(memory[i] == truth[i]);
}

}  // namespace

TEMPLATE_TEST_CASE("Matrices and arrays, fixed and dynamic, of either order, are states", "", Eigen::MatrixXf,
                   Eigen::MatrixXd, Eigen::ArrayXXf, row_major, Eigen::VectorXd, Eigen::RowVectorXf,
                   (Eigen::Matrix<float, Eigen::Dynamic, 4>), (Eigen::Array<double, 3, Eigen::Dynamic, Eigen::RowMajor>)) {
  TestType x;
  if constexpr (TestType::RowsAtCompileTime == 1 || TestType::ColsAtCompileTime == 1) x.resize(12);
  else x.resize(3, 4);
  check_run(x);
}

TEST_CASE("arrays of fixed size are states") {
  Eigen::Matrix<float, 3, 5> a;
  check_run(a);
  Eigen::Array<double, 4, 2, Eigen::RowMajor> b;
  check_run(b);
  Eigen::Vector4f c;
  check_run(c);
}

TEST_CASE("Maps over any memory are states") {
  std::vector<float> memory(13);
  check_run(Eigen::Map<Eigen::MatrixXf>(memory.data() + 1, 3, 4));  // not aligned
  check_run(Eigen::Map<row_major>(memory.data(), 3, 4));
  check_run(Eigen::Map<Eigen::Matrix3f>(memory.data()));
  check_run(Eigen::Map<Eigen::ArrayXf>(memory.data(), 12));
}

TEST_CASE("Refs, whole columns and parts of a vector are states") {
  Eigen::MatrixXf x(4, 6);
  check_run(Eigen::Ref<Eigen::MatrixXf>(x));
  check_run(x.middleCols(1, 3));
  check_run(x.leftCols<2>());
  check_run(x.col(2));
  row_major y(4, 6);
  check_run(y.topRows(2));
  check_run(y.row(1));
  Eigen::VectorXd v(8);
  check_run(v.segment(2, 5));
  check_run(Eigen::Ref<Eigen::VectorXd>(v));
}

TEST_CASE("only the part that is the state is written") {
  Eigen::MatrixXf x = Eigen::MatrixXf::Constant(3, 3, 7);
  check_run(x.middleCols(1, 1));
  CHECK((x.col(0).array() == 7).all());
  CHECK((x.col(2).array() == 7).all());
  CHECK_FALSE((x.col(1).array() == 7).any());
}

TEST_CASE("a denoiser may take Refs") {
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(2, 3);
  const std::vector<double> truth = expected(std::vector<double>(6, 1));
  const auto net = [](const Eigen::Ref<const Eigen::MatrixXd>& in, const level<>&, Eigen::Ref<Eigen::MatrixXd> out) { out = in / 2; };
  sample(dpmpp_2m{}, levels(), eps(net), x);
  CHECK(x(1, 2) == truth[5]);
}

TEST_CASE("the view has the shape and storage order of the array and no memory of its own") {
  const row_major x(2, 3);
  float memory[6] = {0, 1, 2, 3, 4, 5};
  auto view = array_traits<row_major>::view(x, memory);
  STATIC_REQUIRE(std::same_as<decltype(view), Eigen::Map<row_major>>);
  CHECK(view.data() == memory);
  CHECK(view(1, 0) == 3);  // row major
  const float* read = memory;
  STATIC_REQUIRE(std::same_as<decltype(array_traits<row_major>::view(x, read)), Eigen::Map<const row_major>>);
}

TEST_CASE("a column of a row-major array, known to be strided only when run, is refused by its stride") {
  row_major x(4, 6);
  auto column = x.col(1);
  REQUIRE(array_traits<decltype(column)>::check(column));
  CHECK(array_traits<decltype(column)>::check(column)->what() ==
        std::string("x: inner stride of the Eigen array is 6, needs 1 (one block of memory, no gaps)"));
  CHECK_THROWS_WITH(sampler(euler{}, levels(), eps_model{}, column), diffode_test::contains("inner stride of the Eigen array is 6"));
}

TEST_CASE("a Ref to part of a matrix is refused by its stride, and taken if there are no gaps") {
  Eigen::MatrixXf x(4, 6);
  Eigen::Ref<Eigen::MatrixXf> part = x.topRows(3);
  CHECK_THROWS_WITH(sampler(euler{}, levels(), eps_model{}, part),
                    diffode_test::contains("x: outer stride of the Eigen array is 4, needs 3, its inner size (one block of memory, no gaps)"));
  const auto made = sampler<float>::try_make(compile(euler{}, levels(), eps_model{}), part);  // throws nothing
  REQUIRE_FALSE(made);
  CHECK(made.reason()->code() == errc::bad_shape);
  Eigen::Ref<Eigen::MatrixXf> whole = x.middleCols(2, 3);
  CHECK_FALSE(array_traits<Eigen::Ref<Eigen::MatrixXf>>::check(whole));
}

TEST_CASE("a Map with run-time strides is refused by its stride, and taken if there are no gaps") {
  std::vector<float> memory(40);
  using strided = Eigen::Map<Eigen::MatrixXf, 0, Eigen::OuterStride<>>;
  strided gaps(memory.data(), 3, 4, Eigen::OuterStride<>(5)), dense(memory.data(), 3, 4, Eigen::OuterStride<>(3));
  CHECK(array_traits<strided>::check(gaps)->what() ==
        std::string("x: outer stride of the Eigen array is 5, needs 3, its inner size (one block of memory, no gaps)"));
  check_run(dense);
  using both = Eigen::Map<Eigen::MatrixXf, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
  both spread(memory.data(), 3, 4, {6, 2});
  CHECK(array_traits<both>::check(spread)->what() == std::string("x: inner stride of the Eigen array is 2, needs 1 (one block of memory, no gaps)"));
}

TEST_CASE("an Eigen array can be filled with start noise and noised from an image") {
  Eigen::MatrixXf x(8, 4);
  const level<> at = levels().front();
  fill_with_noise(x, at, philox{}, 4);
  std::vector<float> flat(32);
  fill_with_noise(flat, at, philox{}, 4);
  CHECK(x(1, 2) == flat[17]);  // column-major: a sample is a column
  const Eigen::MatrixXf image = Eigen::MatrixXf::Ones(8, 4);
  const float before = x(3, 1);
  noise_image(x, image, at);
  CHECK(x(3, 1) == static_cast<float>(at.alpha + at.sigma * static_cast<double>(before)));
}
