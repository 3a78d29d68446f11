// SPDX-License-Identifier: MIT
#include "backend/measured.hpp"
#include "catch.hpp"
#include "diffode/backend/reference.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace dd = diffode;
using diffode_test::measured_arrays;

namespace {

using wide = long double;
wide widened(auto v) { return static_cast<wide>(static_cast<double>(v)); }
wide squared(wide v) { return v * v; }

const wide eps = widened(std::numeric_limits<double>::epsilon());
constexpr double inf = std::numeric_limits<double>::infinity(), undefined = std::numeric_limits<double>::quiet_NaN();

/// The order of additions, spelled out from the words of backend/tree.hpp: leaves, and branches by recursion.
double added(const std::vector<double>& a, const std::vector<double>& b, std::size_t first, std::size_t count) {
  if (count > 1024) {
    std::size_t p = 1024;
    while (2 * p < count) p *= 2;
    return added(a, b, first, p) + added(a, b, first + p, count - p);
  }
  std::vector<double> sums(32);
  for (std::size_t e = 0; e < count; ++e) sums[e % 32] = std::fma(a[first + e], b[first + e], sums[e % 32]);
  for (const std::size_t half : {16u, 8u, 4u, 2u, 1u})
    for (std::size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
  return sums[0];
}

double error_of(double a, double b, double scale, double atol, double rtol) {
  return dd::reference{}.measure(dd::error_measure<double>{&a, &b, &scale, 1, 1, atol, rtol, true});
}

}  // namespace

TEST_CASE("a sum is added up in the order that is written down") {
  for (const std::size_t size : {1u, 31u, 32u, 33u, 1023u, 1024u, 1025u, 2048u, 2049u, 3000u, 5120u, 7169u, 70001u}) {
    measured_arrays<double> x(size);
    double sum = 0;
    dd::reference{}.measure(dd::dot_measure<double>{x[0], x[1], size, size}, std::span(&sum, 1));
    CHECK(sum == added({x[0], x[0] + size}, {x[1], x[1] + size}, 0, size));
  }
}

// Every element goes through at most 32 multiply-adds, 5 additions, and one for each branch: with 4096 leaves at most 50
// roundings, each of relative size eps/2 or less. One more for each operation of an element itself.
TEMPLATE_TEST_CASE("measures are those in long double, but for the roundings of a tree", "", float, double, dd::float16, dd::bfloat16) {
  for (const std::size_t size : {1u, 2u, 31u, 67u, 1000u, 1025u, 5000u, 70001u})
    for (const double mean : {0.0, 1000.0}) {
      measured_arrays<TestType> x(size, 0, mean);
      wide dot = 0, dot_size = 0, error = 0, sum = 0, largest = 0, squares = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const wide a = widened(x[0][i]), b = widened(x[1][i]), c = widened(x[2][i]);
        dot += a * b, dot_size += std::abs(a * b), sum += c;
        const wide off = (a - b) / std::fmax(widened(1e-3), widened(1e-2) * std::fmax(std::abs(b), std::abs(c)));
        error += off * off, largest = std::fmax(largest, std::abs(c));
      }
      const wide n = static_cast<wide>(size), error_size = std::sqrt(error / n);
      for (std::size_t i = 0; i < size; ++i) squares += squared(widened(x[2][i]) - sum / n);
      INFO(size << " elements, mean " << mean);
      double got = 0;
      dd::lane_moments m;
      const dd::cpu on;
      on.measure(dd::dot_measure<TestType>{x[0], x[1], size, size}, std::span(&got, 1));
      CHECK(std::abs(widened(got) - dot) <= 50 * eps * dot_size);
      got = on.measure(dd::error_measure<TestType>{x[0], x[1], x[2], size, size, 1e-3, 1e-2, true});
      CHECK(std::abs(widened(got) - error_size) <= 60 * eps * error_size);
      on.measure(dd::moment_measure<TestType>{x[2], size, {}}, std::span(&m, 1));
      CHECK(m.count == static_cast<double>(size));
      CHECK(std::abs(widened(m.mean) - sum / n) <= 60 * eps * largest);
      // A mean that is off by d adds n d^2 to the squares of a leaf, and 2 n d D where leaves are D apart, n D^2 <= squares.
      const wide d = 60 * eps * largest;
      CHECK(std::abs(widened(m.squares) - squares) <= 60 * eps * squares + 2 * d * std::sqrt(n * squares) + n * d * d);
    }
}

TEST_CASE("equal elements have variance 0, whatever they are") {
  const std::vector<float> x(70001, 0.1F);
  dd::lane_moments m;
  dd::cpu{}.measure(dd::moment_measure<float>{x.data(), x.size(), {}}, std::span(&m, 1));
  CHECK(m.mean == static_cast<double>(0.1F));
  CHECK(m.variance() == 0);
}

TEST_CASE("lanes are measured apart: samples, channels, single elements") {
  const std::size_t size = 2 * 3 * 700;
  measured_arrays<float> x(size);
  for (const dd::lane_map lanes : {dd::lane_map{2100, 2}, {700, 3}, {1, 3}, {1, size}, {5, 7}}) {
    std::vector<dd::lane_moments> m(lanes.count);
    dd::cpu{}.measure(dd::moment_measure<float>{x[0], size, lanes}, m);
    for (std::size_t l = 0; l < lanes.count; ++l) {
      wide count = 0, sum = 0, squares = 0;
      for (std::size_t i = 0; i < size; ++i)
        if (lanes(i) == l) ++count, sum += widened(x[0][i]);
      for (std::size_t i = 0; i < size; ++i)
        if (lanes(i) == l) squares += squared(widened(x[0][i]) - sum / count);
      REQUIRE(widened(m[l].count) == count);
      // As above, with up to 4200 runs of one element each: at most 13 more roundings; no number is above 6.
      REQUIRE(std::abs(widened(m[l].mean) - sum / count) <= 75 * eps * 6);
      REQUIRE(std::abs(widened(m[l].squares) - squares) <= 75 * eps * (squares + 12 * std::sqrt(count * squares)) + 1e-24L);
    }
  }
}

TEST_CASE("a dot product may have arrays of two types") {
  std::vector<float> a{1, 2, 3};
  std::vector<dd::bfloat16> b{dd::bfloat16(2), dd::bfloat16(0.5), dd::bfloat16(-1)};
  double sum = 0;
  dd::cpu{}.measure(dd::dot_measure<float, dd::bfloat16>{a.data(), b.data(), 3, 3}, std::span(&sum, 1));
  CHECK(sum == 0);
}

TEST_CASE("an error is measured in units of what is allowed; what is no number is the worst") {
  CHECK(error_of(1.5, 1, 0, 0.25, 0) == 2);
  CHECK(error_of(4, 2, -8, 0.5, 0.125) == 2);   // of the larger of |b| and |scale|
  CHECK(error_of(-3, -4, 2, 0.5, 0.125) == 2);
  CHECK(error_of(1, 1, 1, 0, 0) == 0);          // equal: nothing needs to be allowed
  CHECK(error_of(2, 1, 1, 0, 0) == inf);
  CHECK(std::isnan(error_of(inf, inf, 1, 1, 1)));
  CHECK(std::isnan(error_of(undefined, 1, 1, 1, 1)));
  CHECK(std::isnan(error_of(1, undefined, 1, 1, 1)));
  CHECK(error_of(2, 1, undefined, 1, 1) == 1);        // only a scale
  for (const auto most : {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512})
    for (const std::size_t bad : {0u, 1u, 2u}) {
      std::vector<float> a(3 * 40, 2), b(3 * 40, 1);
      a[40 * bad + 33] = std::numeric_limits<float>::quiet_NaN();
      a[7] = a[7] == 2 ? 1e30F : a[7];
      const dd::error_measure<float> m{a.data(), b.data(), b.data(), 120, 40, 1, 0, false};
      CHECK(std::isnan(dd::cpu({.most = most}).measure(m)));
      diffode_test::disorderly three{3};
      CHECK(std::isnan(dd::basic_cpu(three, {.most = most, .grain = 8}).measure(m)));
    }
}

TEST_CASE("the worst sample counts, or all of them together") {
  const std::vector<double> a{3, 3, 1, 1, 5, 5}, b(6, 1);
  const dd::error_measure<double> m{a.data(), b.data(), b.data(), 6, 2, 1, 0, false};
  CHECK(dd::cpu{}.measure(m) == 4);
  CHECK(dd::cpu{}.measure(dd::error_measure<double>{a.data(), b.data(), b.data(), 6, 2, 1, 0, true}) == std::sqrt(40.0 / 6));
}
