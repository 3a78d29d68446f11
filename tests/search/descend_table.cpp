// SPDX-License-Identifier: MIT
#include "vp_a.hpp"

#include "diffode/search/descend_table.hpp"
#include "diffode/search/table_of.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace diffode_test;
namespace dd = diffode;

namespace {

const dd::noise_path path{dd::vp_linear{}};

/// v d eps/dx and v d eps/dt, by differences of order 4.
void product(const dd::adjoint_request<double>& call, std::span<double> out, std::span<double> label) {
  const mixture data = vp_a_data();
  constexpr double h = 1e-3;
  const auto slope = [&](auto f) { return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h); };
  label[0] = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double x = call.call.x[i], v = call.cotangent[i], t = call.call.at.t;
    out[i] = v * slope([&](double d) { return data.at(x + d, call.call.at).eps; });
    label[0] += v * slope([&](double d) { return data.at(x, path.at(t + d * t)).eps; }) / t;
  }
}
constexpr auto whatever = [](const auto&) { return true; };

dd::teacher_course<double> course(std::size_t count) {
  const dd::grid fine = vp_a_grid(200);
  return dd::teacher_course<double>::try_make(dd::unipc{.p = 3}, fine, dd::eps(vp_a_model{}), quantiles(fine.front(), count), count).value();
}

}  // namespace

TEST_CASE("the first step of a descent goes against the derivative of the error, measured by differences, in every number") {
  const auto teacher = course(24);
  const dd::coefficient_table start = dd::table_of(dd::dpmpp_2m{}, vp_a_grid(4));
  std::vector<double> moved;
  double error = 0;
  const auto keep = [&](const dd::descend_progress& p) { return moved = p.state.numbers, error = p.mean_square, false; };
  dd::try_descend_table(start, dd::eps(vp_a_model{}), product, teacher, {.rate = 0.2}, {}, keep).value();

  const dd::detail::table_numbers shape(start, path, true);
  const auto mean_square = [&](const std::vector<double>& numbers) {
    const dd::coefficient_table t = shape.of(numbers);
    std::vector<double> x(teacher.starts().begin(), teacher.starts().end());
    dd::sample(t, dd::from_times(path, t.times), dd::eps(vp_a_model{}), x);
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - teacher.ends()[i]) * (x[i] - teacher.ends()[i]);
    return sum / static_cast<double>(x.size());
  };
  const std::vector<double> begin = shape.all();
  CHECK(std::abs(error - mean_square(begin)) < 1e-14);
  REQUIRE(moved.size() == begin.size());
  for (std::size_t k = 0; k < begin.size(); ++k) {
    std::vector<double> more = begin, less = begin;
    more[k] += 1e-5, less[k] -= 1e-5;
    const double slope = (mean_square(more) - mean_square(less)) / 2e-5;
    INFO("number " << k << ", slope " << slope);
    REQUIRE(std::abs(slope) > 1e-5);  // or its sign would say nothing
    // Adam's first step is the whole rate, whatever the size of the slope: 0.2 units of 0.1.
    CHECK(std::abs(moved[k] - (begin[k] - std::copysign(0.02, slope))) < 2e-5);
  }
}

/// The rows of a method with room for all predictions so far.
dd::coefficient_table widened(dd::coefficient_table t) {
  for (std::size_t i = 0; i < t.rows.size(); ++i) t.rows[i].b.resize(i + 1);
  return t;
}

TEST_CASE("a descent by gradients leaves the best method behind, on quantiles that it never saw, and farther with times") {
  const auto teacher = course(64);
  const dd::grid g = vp_a_grid(5);
  const double method = std::fmin(vp_a_error(dd::dpmpp_2m{}, g), vp_a_error(dd::unipc{.p = 3}, g));
  for (const bool times : {false, true}) {
    const dd::coefficient_table t = dd::try_descend_table(widened(dd::table_of(dd::dpmpp_2m{}, g)), dd::eps(vp_a_model{}), product, teacher, {.times = times}, {}, whatever).value();
    const double error = vp_a_error(t, dd::from_times(path, t.times));
    std::printf("times %d: best method %.4f, descended %.4f on 400 quantiles\n", times, method, error);
    CHECK(error < (times ? 0.25 : 0.6) * method);
    CHECK((t.times == dd::table_of(dd::dpmpp_2m{}, g).times) == !times);
  }
}

TEST_CASE("a descent that was broken off goes on to the same bits, with some samples at a time too") {
  const auto teacher = course(20);
  const dd::coefficient_table start = dd::table_of(dd::ddim{}, vp_a_grid(3));
  const dd::descend_options o{.iterations = 12, .samples = 8};
  const auto go = [&](dd::descend_state known, auto watch) { return dd::try_descend_table(start, dd::eps(vp_a_model{}), product, teacher, o, std::move(known), watch).value(); };
  const dd::coefficient_table whole = go({}, whatever);
  dd::descend_state broken_off;
  go({}, [&](const dd::descend_progress& p) { return broken_off = p.state, p.state.iteration < 5; });
  CHECK(broken_off.iteration == 5);
  CHECK(go(broken_off, whatever) == whole);
}

TEST_CASE("a descent refuses what makes no sense, by name") {
  const auto teacher = course(4);
  const dd::grid g = vp_a_grid(3);
  const dd::coefficient_table start = dd::table_of(dd::ddim{}, g);
  const auto message = [&](const dd::coefficient_table& t, const dd::descend_options& o, dd::descend_state known = {}) {
    const auto r = dd::try_descend_table(t, dd::eps(vp_a_model{}), product, teacher, o, std::move(known), whatever);
    return r ? std::string() : std::string(r.reason()->what());
  };
  CHECK_THAT(message(start, {.iterations = 0}), Catch::Contains("iterations is 0"));
  CHECK_THAT(message(start, {.samples = 5}), Catch::Contains("samples is 5") && Catch::Contains("0 (all) to 4"));
  CHECK_THAT(message(start, {.rate = 0}), Catch::Contains("rate is 0"));
  CHECK_THAT(message(start, {.unit = -1}), Catch::Contains("unit is -1"));
  CHECK_THAT(message(start, {}, {.numbers = {1, 2}}), Catch::Contains("state has 2 numbers") && Catch::Contains("needs"));
  dd::coefficient_table none = start;
  none.times.clear();
  CHECK_THAT(message(none, {}), Catch::Contains("has no times"));
  CHECK_THAT(message(dd::table_of(dd::ddim{}, dd::uniform_lambda(path, {.from = 0.9, .to = 0.1, .count = 3})), {}), Catch::Contains("the teacher's"));
  const auto without_label = [](const dd::adjoint_request<double>& call, std::span<double> out) { std::array<double, 1> label; product(call, out, label); };
  CHECK_THROWS_WITH(dd::try_descend_table(start, dd::eps(vp_a_model{}), without_label, teacher, {}, {}, whatever).value(), Catch::Contains("vjp(call, out, label)"));
  CHECK_NOTHROW(dd::try_descend_table(start, dd::eps(vp_a_model{}), without_label, teacher, {.iterations = 1, .times = false}, {}, whatever).value());
}
