// SPDX-License-Identifier: MIT
#include "backend/measured.hpp"
#include "catch.hpp"
#include "diffode/backend/reference.hpp"
#include "diffode/backend/thread_pool.hpp"

#include <cstddef>
#include <vector>

namespace dd = diffode;
using diffode_test::measured_arrays;

namespace {

constexpr dd::instruction_set all_sets[] = {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512};

}  // namespace

TEMPLATE_TEST_CASE("any instruction set and alignment measures the bits of the definition", "", float, double, dd::float16, dd::bfloat16) {
  const auto same = [](std::size_t size, std::size_t shift) {
    measured_arrays<TestType> x(size, shift);
    for (const std::size_t samples : {1u, 3u}) {
      if (size % samples != 0) continue;
      const std::vector<double> want = x.on(dd::reference{}, samples);
      for (const dd::instruction_set most : all_sets) {
        INFO(size << " elements, " << shift << " off, instruction set " << static_cast<int>(most));
        CHECK((x.on(dd::cpu({.most = most}), samples) == want));
      }
    }
  };
  for (std::size_t size = 1; size <= 67; ++size) same(size, size % 9);
  for (const std::size_t size : {1023u, 1024u, 1025u, 3001u, 9999u})
    for (const std::size_t shift : {0u, 1u, 3u}) same(size, shift);
}

TEMPLATE_TEST_CASE("one, two, three and seven threads measure the same bits, in whatever order they work", "", float, dd::bfloat16) {
  for (const std::size_t size : {96u, 7170u, 9003u, 150000u})
    for (const std::size_t samples : {1u, 3u}) {
      measured_arrays<TestType> x(size, 1);
      const std::vector<double> want = x.on(dd::cpu{}, samples);
      for (const std::size_t threads : {1u, 2u, 3u, 7u})
        for (const std::size_t grain : {32u, 5000u}) {
          INFO(size << " elements, " << samples << " samples, " << threads << " threads");
          diffode_test::disorderly odd{threads};
          dd::thread_pool pool(threads);
          CHECK((x.on(dd::basic_cpu(pool, {.grain = grain}), samples) == want));
          if (grain > 32) CHECK((x.on(dd::basic_cpu(odd, {.grain = grain}), samples) == want));
        }
    }
}

TEST_CASE("a sample is measured alike alone and in a batch") {
  measured_arrays<float> x(3 * 5001);
  std::vector<double> dots(3), one(1);
  std::vector<dd::lane_moments> of_each(3), of_one(1);
  const dd::cpu on;
  on.measure(dd::dot_measure<float>{x[0], x[1], 3 * 5001, 5001}, dots);
  on.measure(dd::moment_measure<float>{x[2], 3 * 5001, {5001, 3}}, of_each);
  for (std::size_t k = 0; k < 3; ++k) {
    on.measure(dd::dot_measure<float>{x[0] + k * 5001, x[1] + k * 5001, 5001, 5001}, one);
    CHECK(one[0] == dots[k]);
    on.measure(dd::moment_measure<float>{x[2] + k * 5001, 5001, {}}, of_one);
    CHECK(of_one[0].mean == of_each[k].mean);
    CHECK(of_one[0].squares == of_each[k].squares);
  }
}
