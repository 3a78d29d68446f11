// SPDX-License-Identifier: MIT
#include "diffode/backend/measure_lane.hpp"

#include "backend/measured.hpp"
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace dd = diffode;
using namespace dd::detail;

namespace {

/// What the kernels of backend/cuda_measure.cuh do, one thread after another.
struct measures_on_host {
  template <class T>
  double measure(const dd::error_measure<T>& m) const {
    const std::size_t size = m.whole ? m.size : m.sample_size;
    double worst = 0;
    for (const double t : totals<double>({m.size / size, size}, [&](std::size_t first, std::size_t n) { return warp([&](unsigned l) { return error_lane(m, first, n, l); }); })) {
      const double mean = t / static_cast<double>(size);
      worst = worst >= mean || worst != worst ? worst : mean;
    }
    return std::sqrt(worst);
  }
  template <class A, class B>
  void measure(const dd::dot_measure<A, B>& m, std::span<double> out) const {
    const auto all = totals<double>({m.size / m.sample_size, m.sample_size},
                                    [&](std::size_t first, std::size_t n) { return warp([&](unsigned l) { return dot_lane(m.a + first, m.b + first, n, l); }); });
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = all[k];
  }
  template <class T>
  void measure(const dd::moment_measure<T>& m, std::span<dd::lane_moments> out) const {
    const std::size_t lanes = m.lanes.count, stride = lanes == 1 ? m.size : m.lanes.stride, runs = m.size / stride;
    std::vector<dd::lane_moments> all = totals<dd::lane_moments>({runs, stride}, [&](std::size_t first, std::size_t n) {
      const double mean = warp([&](unsigned l) { return total_lane(m.x + first, n, l); }) / static_cast<double>(n);
      return dd::lane_moments{static_cast<double>(n), mean, warp([&](unsigned l) { return squares_lane(m.x + first, n, mean, l); })};
    });
    all = merge(all, {lanes, runs / lanes, 1, lanes});
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = all[k];
  }

 private:
  template <class Lane>
  static double warp(const Lane& lane) {
    double sums[tree_width];
    for (unsigned l = 0; l < tree_width; ++l) sums[l] = lane(l);
    return halved(sums);
  }
  template <class V>
  static std::vector<V> merge(std::vector<V> in, tree_values of) {
    while (of.values > 1) {
      const std::size_t branches = (of.values + merged_at_once - 1) / merged_at_once;
      std::vector<V> out;
      for (std::size_t b = 0; b < of.trees * branches; ++b) {
        const std::size_t first = b % branches * merged_at_once, rest = of.values - first, count = rest < merged_at_once ? rest : merged_at_once;
        std::vector<V> room;
        for (std::size_t k = 0; k < count; ++k) room.push_back(in[b / branches * of.tree_pitch + (first + k) * of.value_pitch]);
        for (unsigned step = 1; step < merged_at_once; step *= 2)
          for (unsigned thread = 16; thread-- > 0;) merge_level(room.data(), static_cast<unsigned>(count), step, thread, 16);
        out.push_back(room[0]);
      }
      in = out;
      of = {of.trees, branches, branches, 1};
    }
    return in;
  }
  template <class V, class Leaf>
  static std::vector<V> totals(const measure_parts& parts, const Leaf& leaf) {
    std::vector<V> all;
    for (std::size_t k = 0; k < parts.parts * parts.leaves(); ++k) all.push_back(leaf(parts.first(k), parts.count(k)));
    return merge(all, {parts.parts, parts.leaves(), parts.leaves(), 1});
  }
};

template <class T>
void check_all() {
  for (std::size_t size = 2; size <= 67; ++size)
    for (const std::size_t samples : {std::size_t{1}, size}) {
      INFO(size << " elements in " << samples << " samples");
      diffode_test::measured_arrays<T> arrays(size, size % 5);
      CHECK(arrays.on(measures_on_host{}, samples) == arrays.on(dd::cpu{}, samples));
    }
  for (const std::size_t leaves : {1u, 2u, 3u, 5u, 6u, 7u, 13u, 37u, 513u, 700u})
    for (const std::size_t more : {0u, 1u, 37u}) {
      const std::size_t size = (leaves * leaf_size + more) / 2 * 2;
      INFO(size << " elements");
      diffode_test::measured_arrays<T> arrays(size, 1, 3);
      const dd::dot_measure<T> dot{arrays[0], arrays[1], size, size};
      const dd::error_measure<T> error{arrays[0], arrays[1], arrays[2], size, size / 2, 1e-3, 1e-2, false};
      double a = 0, b = 1;
      measures_on_host{}.measure(dot, {&a, 1});
      dd::cpu{}.measure(dot, {&b, 1});
      CHECK(a == b);
      CHECK(measures_on_host{}.measure(error) == dd::cpu{}.measure(error));
      std::vector<dd::lane_moments> m(2), n(2);
      measures_on_host{}.measure(dd::moment_measure<T>{arrays[0], size, {size / 2, 2}}, m);
      dd::cpu{}.measure(dd::moment_measure<T>{arrays[0], size, {size / 2, 2}}, n);
      for (std::size_t l = 0; l < 2; ++l) {
        CHECK(m[l].mean == n[l].mean);
        CHECK(m[l].squares == n[l].squares);
      }
    }
}

}  // namespace

TEMPLATE_TEST_CASE("what CUDA threads measure are the bits of the processor backend", "", double, float, dd::bfloat16) { check_all<TestType>(); }

TEST_CASE("an element that is no number is the worst for CUDA threads, too") {
  float a[] = {1, std::nanf(""), 2, 3}, b[] = {1, 1, 1, 1};
  for (const bool whole : {true, false}) CHECK(std::isnan(measures_on_host{}.measure(dd::error_measure<float>{a, b, b, 4, 2, 1, 0, whole})));
}
