// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/model/filter.hpp"

#include <vector>

// Private working memory made dynamic_threshold no aggregate, so that its options could not be given by name.
TEST_CASE("the options of dynamic_threshold are given by name") {
  diffode::dynamic_threshold limit{.ratio = 1, .least = 0.5};
  CHECK(limit.most > 1e300);
  const std::vector<double> x{-4, 1, 2};
  std::vector<double> y(3);
  limit(std::span<const double>(x), std::span<double>(y), diffode::filter_call{{}, 3});
  CHECK(y == std::vector<double>{-1, 0.25, 0.5});
}
