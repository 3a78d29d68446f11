// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>
#include <diffode/search/teacher_course.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

const dd::grid fine = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.99, .to = 0.01, .count = 10});

template <class Course>
std::vector<std::vector<double>> copied(const Course& course) {
  return {course.states().begin(), course.states().end()};
}
std::string why(const dd::result<dd::teacher_course<double>>& r) { return r ? "" : r.reason()->what(); }

}  // namespace

TEST_CASE("a course of remembered states passes where the run did") {
  const std::vector<double> starts{1.5, -0.5};
  const auto net = [](std::span<const double> x, const dd::level<>& at, std::span<double> out) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = at.sigma * x[i];
  };
  const auto made = dd::teacher_course<double>::try_make(dd::unipc{.p = 3}, fine, dd::eps(net), starts, 2).value();
  const auto known = dd::teacher_course<double>::try_of(fine, copied(made), 2).value();
  CHECK(known.batch() == 2);
  CHECK(copied(known) == copied(made));
  const dd::level<> between = dd::noise_path(dd::vp_linear{}).at(0.4);
  CHECK(known.try_at(between).value() == made.try_at(between).value());
}

TEST_CASE("states that are no course are refused") {
  using course = dd::teacher_course<double>;
  std::vector<std::vector<double>> states(fine.size(), std::vector<double>(2));
  states.pop_back();
  CHECK(why(course::try_of(fine, states)) == "teacher_course: number of states is 10, needs 11, one for each level");
  states.emplace_back(3);
  CHECK(why(course::try_of(fine, states)) == "teacher_course: state 10 has 3 numbers, needs 2, as the first has");
  states.back() = {1, std::numeric_limits<double>::quiet_NaN()};
  CHECK(why(course::try_of(fine, states)) == "teacher_course: state 10 has the number nan, needs finite ones");
  const dd::grid coarse = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.99, .to = 0.01, .count = 2});
  CHECK(why(course::try_of(coarse, {{1}, {1}, {1}})) == "teacher_course: number of levels is 3, needs at least 4");
}
