// SPDX-License-Identifier: MIT
#include "diffode/adapter/xtensor.hpp"

#include "diffode/diffode.hpp"

#include "catch.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xview.hpp>
#endif

#include <concepts>
#include <cstddef>
#include <vector>

using namespace diffode;

namespace {

constexpr auto rows = xt::layout_type::row_major, columns = xt::layout_type::column_major;

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
  REQUIRE(n > 0);
  for (std::size_t i = 0; i < n; ++i) memory[i] = static_cast<T>(0.5 + 0.25 * static_cast<double>(i));
  const std::vector<T> truth = expected(std::vector<T>(memory, memory + n));
  bool in_place = false;
  const auto net = [&](const auto& in, const level<>&, auto&& out) {
    REQUIRE(in.dimension() == x.dimension());
    for (std::size_t axis = 0; axis < x.dimension(); ++axis) {
      REQUIRE(in.shape()[axis] == x.shape()[axis]);
      REQUIRE(out.shape()[axis] == x.shape()[axis]);
      REQUIRE(in.strides()[axis] == x.strides()[axis]);
      REQUIRE(out.strides()[axis] == x.strides()[axis]);
    }
    in_place = in_place || in.data() == memory;
    const T* before = out.data();
    out = in / T(2);
    REQUIRE(out.data() == before);
  };
  sample(dpmpp_2m{}, levels(), eps(net), x);
  CHECK(in_place);
  for (std::size_t i = 0; i < n; ++i) CHECK(memory[i] == truth[i]);
}

}  // namespace

TEST_CASE("xarray and xtensor of either order are states") {
  xt::xarray<float, rows> a = xt::xarray<float, rows>::from_shape({2, 3, 4});
  check_run(a);
  xt::xarray<double, columns> b = xt::xarray<double, columns>::from_shape({2, 3, 4});
  check_run(b);
  xt::xtensor<float, 4, rows> c = xt::xtensor<float, 4, rows>::from_shape({2, 1, 3, 4});
  check_run(c);
  xt::xtensor<double, 2, columns> d = xt::xtensor<double, 2, columns>::from_shape({5, 3});
  check_run(d);
}

TEST_CASE("xtensor_fixed of either order is a state") {
  xt::xtensor_fixed<float, xt::xshape<2, 3, 4>> a;
  check_run(a);
  xt::xtensor_fixed<double, xt::xshape<3, 2>, columns> b;
  check_run(b);
}

TEST_CASE("a layout left open may be row-major; column-major is refused, since assignments would not keep it") {
  xt::xarray<float, xt::layout_type::dynamic> a(std::vector<std::size_t>{2, 3}, rows), b(std::vector<std::size_t>{2, 3}, columns);
  check_run(a);
  CHECK_THROWS_WITH(sampler(euler{}, levels(), eps_model{}, b),
                    "x: strides of the xtensor array are (1, 2) for shape (2, 3), need the last axis fastest and no gaps (one block of memory)");
  xt::xtensor<float, 2, xt::layout_type::dynamic> c(std::array<std::size_t, 2>{2, 3}, rows);
  check_run(c);
}

TEST_CASE("adaptors over memory are states") {
  std::vector<float> memory(24);
  auto a = xt::adapt(memory, std::vector<std::size_t>{2, 3, 4});
  check_run(a);
  float* p = memory.data();
  auto b = xt::adapt(p, memory.size(), xt::no_ownership(), std::array<std::size_t, 2>{6, 4});
  check_run(b);
  auto c = xt::adapt<columns>(p, memory.size(), xt::no_ownership(), std::array<std::size_t, 2>{6, 4});
  check_run(c);
  CHECK(b.data() == memory.data());
}

TEST_CASE("a view without gaps is a state, and only that part is written") {
  xt::xtensor<float, 3, rows> x = xt::xtensor<float, 3, rows>::from_shape({4, 2, 3});
  x.fill(7);
  auto part = xt::view(x, 2);
  check_run(part);
  CHECK(x(1, 1, 2) == 7);
  CHECK(x(3, 0, 0) == 7);
  CHECK(x(2, 0, 0) != 7);
}

TEST_CASE("the view knows as much of shape and layout as the array") {
  const xt::xtensor<float, 3, columns> x = xt::xtensor<float, 3, columns>::from_shape({2, 3, 4});
  std::vector<float> memory(24);
  memory[1] = 5;
  auto view = array_traits<xt::xtensor<float, 3, columns>>::view(x, memory.data());
  STATIC_REQUIRE(decltype(view)::static_layout == columns);
  STATIC_REQUIRE(decltype(view)::rank == 3);
  CHECK(view(1, 0, 0) == 5);
  CHECK(view.data() == memory.data());
}

TEST_CASE("strides with gaps are refused and named") {
  xt::xtensor<float, 2, rows> x = xt::xtensor<float, 2, rows>::from_shape({4, 6});
  auto part = xt::view(x, xt::all(), xt::range(0, 3));
  REQUIRE(array_traits<decltype(part)>::check(part));
  CHECK(array_traits<decltype(part)>::check(part)->what() ==
        std::string("x: strides of the xtensor array are (6, 1) for shape (4, 3), need the last axis fastest and no gaps (one block of memory)"));
  CHECK_THROWS_WITH(sampler(euler{}, levels(), eps_model{}, part), diffode_test::contains("strides of the xtensor array are (6, 1)"));
  std::vector<float> memory(40);
  auto spread = xt::adapt(memory, std::vector<std::size_t>{3, 4}, std::vector<std::size_t>{8, 2});
  CHECK_THROWS_WITH(sampler(euler{}, levels(), eps_model{}, spread), diffode_test::contains("(8, 2) for shape (3, 4)"));
}

TEST_CASE("an xtensor array can be filled with start noise and noised from an image") {
  xt::xtensor<float, 2, rows> x = xt::xtensor<float, 2, rows>::from_shape({4, 8});
  const level<> at = levels().front();
  fill_with_noise(x, at, philox{}, 4);
  std::vector<float> flat(32);
  fill_with_noise(flat, at, philox{}, 4);
  CHECK(x(2, 1) == flat[17]);  // row-major: a sample is a row
  xt::xtensor<float, 2, rows> ones = xt::xtensor<float, 2, rows>::from_shape({4, 8});
  ones.fill(1);
  const xt::xtensor<float, 2, rows> image = ones;
  const float before = x(3, 1);
  noise_image(x, image, at);
  CHECK(x(3, 1) == static_cast<float>(at.alpha + at.sigma * static_cast<double>(before)));
}
