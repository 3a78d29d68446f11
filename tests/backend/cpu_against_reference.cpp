// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/backend/reference.hpp"
#include "diffode/noise/philox.hpp"
#include "effort.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace dd = diffode;

namespace {

/// One combine of random arrays with random coefficients, on both backends. The first `made` inputs are noise and the
/// constant one by turns; `over` outputs lie on inputs.
template <class T>
struct trial {
  std::size_t rows, terms, size, samples;
  dd::lane_map lanes;
  std::size_t made = 0, over = 0;

  /// Largest error in units of what rounding allows: |sum| is off by at most (terms + 2) eps sum |c x|, one rounding for
  /// each multiply-add, coefficient and store.
  double off() const {
    const std::vector<double> c = numbers(lanes.count * rows * terms, 1);
    std::vector<std::vector<T>> a, b;
    for (std::size_t k = 0; k < terms; ++k) {
      const std::vector<double> x = numbers(size, 10 + k);
      a.emplace_back(x.begin(), x.end());
    }
    b = a;
    const std::vector<std::vector<T>> inputs = a;
    const auto y = combine(dd::cpu{}, a, c), z = combine(dd::reference{}, b, c);
    double worst = 0;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t i = 0; i < size; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < terms; ++k) sum += std::abs(c[(r * terms + k) * lanes.count + lanes(i)] * (k < made ? made_size : static_cast<double>(inputs[k][i])));
        const double allowed = static_cast<double>(terms + 2) * static_cast<double>(std::numeric_limits<T>::epsilon()) * sum;
        const double off = std::abs(static_cast<double>(y[r][i]) - static_cast<double>(z[r][i])) / allowed;
        worst = off <= worst ? worst : off;  // NaN counts
      }
    return worst;
  }

 private:
  static constexpr double made_size = 7;  // no noise is larger

  static std::vector<double> numbers(std::size_t n, std::uint64_t seed) {
    std::vector<double> x(n);
    dd::philox{.seed = seed}.fill(0, 0, 0, std::span<double>(x));
    return x;
  }

  template <class B>
  std::vector<std::vector<T>> combine(const B& on, std::vector<std::vector<T>>& arrays, const std::vector<double>& c) const {
    constexpr dd::element type = dd::element_type<T>;
    std::vector<dd::source> in;
    for (std::size_t k = 0; k < terms; ++k)
      in.push_back(k < made ? dd::source{nullptr, type, k % 2 == 0, static_cast<std::uint32_t>(k)} : dd::source{arrays[k].data(), type, false, 0});
    std::vector<std::vector<T>> fresh(rows, std::vector<T>(size));
    std::vector<dd::sink> out;
    for (std::size_t r = 0; r < rows; ++r) out.push_back({r < over && made + r < terms ? arrays[made + r].data() : fresh[r].data(), type});
    on.combine(dd::combination<T>{out, in, c, lanes, size, size / samples}, dd::philox{.seed = 5});
    for (std::size_t r = 0; r < rows; ++r) fresh[r].assign(static_cast<T*>(out[r].data), static_cast<T*>(out[r].data) + size);
    return fresh;
  }
};

}  // namespace

TEMPLATE_TEST_CASE("the cpu backend computes what the reference does, for all shapes, sizes and lanes", "", float, double) {
  for (std::size_t rows = 1; rows <= 5; ++rows)
    for (std::size_t terms = 1; terms <= 12; ++terms) {
      double worst = 0;
      for (std::size_t size = 1; size <= 67; ++size) {
        worst = std::fmax(worst, trial<TestType>{rows, terms, size, 1, {}}.off());
        worst = std::fmax(worst, trial<TestType>{rows, terms, size, 1, {}, 0, rows}.off());
        if (size % 6 == 0)
          for (const dd::lane_map lanes : {dd::lane_map{1, 2}, {3, 2}, {1, size}, {size / 2, 2}, {size / 3, 3}})
            worst = std::fmax(worst, trial<TestType>{rows, terms, size, size / 6, lanes, 0, rows}.off());
      }
      INFO(rows << " rows, " << terms << " terms: off by " << worst << " of what rounding allows");
      CHECK(worst <= 1);
    }
}

TEMPLATE_TEST_CASE("noise and the constant one are made the same by both backends, in any block and lane", "", float, double) {
  for (const std::size_t made : {1u, 2u, 3u, 4u})
    for (const std::size_t size : {6u, 60u, 1200u, 3000u})
      for (const std::size_t samples : {std::size_t{1}, std::size_t{2}, size / 3})
        for (const dd::lane_map lanes : {dd::lane_map{}, {3, 2}, {size / 2, 2}}) {
          INFO(made << " of 6 made, " << size << " elements, " << samples << " samples");
          CHECK(trial<TestType>{2, 6, size, samples, lanes, made, 1}.off() <= 1);
        }
}

TEMPLATE_TEST_CASE("samples whose elements have coefficients of their own are done in blocks, and come out as the reference has them", "", float, double) {
  for (const std::size_t lanes : {64u, 2048u, 2049u, 4500u})
    for (std::size_t rows = 1; rows <= 5; rows += diffode_test::times(1u, 3u))
      for (const std::size_t made : {0u, 2u}) {
        INFO(rows << " rows, " << lanes << " lanes, " << made << " of 4 made");
        CHECK(trial<TestType>{rows, 4, 3 * lanes, 3, {1, lanes}, made, 1}.off() <= 1);
        if (!diffode_test::is_short()) CHECK(trial<TestType>{rows, 4, 3 * lanes, 1, {1, lanes}, made, 1}.off() <= 1);
      }
}

TEST_CASE("a sum of nothing is zero on both backends") {
  std::vector<double> y(3, 5);
  const dd::sink out[] = {{y.data(), dd::element::f64}};
  dd::cpu{}.combine(dd::combination<double>{out, {}, {}, {}, 3, 3}, dd::philox{});
  CHECK(y == std::vector<double>(3, 0));
  y.assign(3, 5);
  dd::reference{}.combine(dd::combination<double>{out, {}, {}, {}, 3, 3}, dd::philox{});
  CHECK(y == std::vector<double>(3, 0));
}
