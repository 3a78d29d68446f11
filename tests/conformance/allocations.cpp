// SPDX-License-Identifier: MIT
#include "conformance/counted_new.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/model/filter.hpp"
#include "diffode/noise/philox.hpp"

using namespace diffode_test;

TEST_CASE("after the first step no run allocates memory, in double and in single precision") {
  for (const subject& s : all_subjects()) {
    check_allocations<double>(s);
    check_allocations<float>(s);
  }
}

TEST_CASE("the counter counts") {
  const long before = allocations;
  std::vector<int> some(10);
  const long after = allocations;
  CHECK(after == before + 1);
  CHECK(some.size() == 10);
}

TEST_CASE("filters and measures take no memory, whatever the size") {
  std::vector<float> x(70001), y(x.size());
  diffode::philox{}.fill(0, 0, 0, std::span<float>(x));
  diffode::lane_moments m[1];
  double dot[1];
  const diffode::cpu on;
  const long before = allocations;
  diffode::clip{}(std::span<const float>(x), std::span<float>(y), diffode::filter_call{{}, y.size()});
  diffode::dynamic_threshold{}(std::span<const float>(x), std::span<float>(y), diffode::filter_call{{}, y.size()});
  on.measure(diffode::moment_measure<float>{x.data(), x.size(), {}}, m);
  on.measure(diffode::dot_measure<float>{x.data(), y.data(), x.size(), x.size()}, dot);
  const double error = on.measure(diffode::error_measure<float>{x.data(), y.data(), y.data(), x.size(), x.size(), 1, 1, true});
  const long after = allocations;
  CHECK(after == before);
  CHECK(m[0].variance() > 0.9);
  CHECK(dot[0] > 0);
  CHECK(error > 0);
}
