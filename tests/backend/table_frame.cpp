// SPDX-License-Identifier: MIT
#include "diffode/backend/table_frame.hpp"

#include "catch.hpp"
#include "diffode/control/fixed.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/dpmpp_3m.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

constexpr std::size_t lanes = 64, size = 16 * lanes, before = 40;

/// The table of a method in so many steps, each lane with a schedule of its own; `apart` is by how much they differ.
template <class M>
dd::step_table<float> table(const M& how, int steps, double apart = 1e-3) {
  std::vector<dd::grid> grids;
  for (std::size_t l = 0; l < lanes; ++l) grids.push_back(dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9 - apart * static_cast<double>(l), .to = 0.02, .count = steps}));
  static std::vector<float> x(size), out(size);
  dd::workspace<float> arrays(dd::compile(how, dd::fixed<dd::lanes>(grids, {size / lanes, lanes}), dd::eps_model{}, {.own_input = true}), x, lanes, {});
  const float* const outputs[] = {out.data()};
  return dd::step_table<float>::try_make(arrays, std::span<const float* const>(outputs)).value();
}

using frame = dd::table_frame<float>;

std::string refusal(const dd::step_table<float>& first, const dd::step_table<float>& other) {
  const dd::fault f = frame(first, before).check(other);
  return f ? f->what() : "";
}

/// Whether a table lies within the parts of a frame, whose parts are apart and within its bytes.
bool fits(const frame& f, const dd::step_table<float>& t) {
  const bool apart = before <= f.label().at && f.label().at + f.label().bytes <= f.steps().at && f.steps().at + f.steps().bytes <= f.coefficients().at &&
                     f.coefficients().at + f.coefficients().bytes <= f.labels().at && f.labels().at + f.labels().bytes <= f.bytes();
  return apart && t.labels_each() * sizeof(float) <= f.label().bytes && t.steps().size_bytes() <= f.steps().bytes && t.coefficients().size_bytes() <= f.coefficients().bytes &&
         t.labels().size_bytes() <= f.labels().bytes;
}

}  // namespace

TEST_CASE("a table that is taken in the place of another lies within the parts of that one") {
  const dd::step_table<float> unipc3 = table(dd::unipc{.p = 3}, 20), third = table(dd::dpmpp_3m{}, 20);
  std::size_t taken = 0;
  for (const dd::step_table<float>* const first : {&unipc3, &third}) {
    const frame f(*first, before);
    CHECK(fits(f, *first));
    for (const int steps : {5, 17, 19, 20, 21, 22, 23, 29})
      for (const auto& other : {table(dd::unipc{.p = 2}, steps), table(dd::unipc{.p = 3}, steps), table(dd::dpmpp_2m{}, steps), table(dd::dpmpp_3m{}, steps)}) {
        if (f.check(other)) continue;
        ++taken;
        INFO(steps << " steps, " << other.coefficients().size() << " coefficients");
        CHECK(fits(f, other));
      }
  }
  CHECK(taken >= 10);
}

TEST_CASE("more evaluations than the first plan had are refused, also where their coefficients are fewer") {
  const std::string more = "graph_run: the other plan has 21 evaluations, needs at most 20, those of the first";
  CHECK(refusal(table(dd::unipc{.p = 3}, 20), table(dd::unipc{.p = 2}, 21)) == more);
  for (const int steps : {21, 22, 23})
    CHECK(refusal(table(dd::dpmpp_3m{}, 20), table(dd::dpmpp_2m{}, steps)) == "graph_run: the other plan has " + std::to_string(steps) + " evaluations, needs at most 20, those of the first");
  CHECK(refusal(table(dd::dpmpp_3m{}, 20), table(dd::dpmpp_2m{}, 20)).empty());
}

TEST_CASE("more coefficients than the first plan had are refused, also in fewer evaluations") {
  const auto first = table(dd::dpmpp_2m{}, 20), other = table(dd::dpmpp_3m{}, 19);
  REQUIRE(other.coefficients().size() > first.coefficients().size());
  CHECK(refusal(first, other) == "graph_run: the other plan has " + std::to_string(other.coefficients().size()) + " coefficients, needs at most " +
                                     std::to_string(first.coefficients().size()) + ", those of the first");
}

TEST_CASE("another number of labels, another kernel and other lanes are refused") {
  CHECK(refusal(table(dd::dpmpp_2m{}, 8, 0), table(dd::dpmpp_2m{}, 8)) == "graph_run: the other plan has 64 labels for an evaluation, needs 1, as the first has");
  CHECK(refusal(table(dd::dpmpp_2m{}, 8), table(dd::dpmpp_2m{}, 8, 0)) == "graph_run: the other plan has 1 labels for an evaluation, needs 64, as the first has");
  CHECK(refusal(table(dd::euler{}, 8), table(dd::dpmpp_2m{}, 8)).find("graph_run: the other plan has 1 combines for an evaluation, with up to ") == 0);
  const dd::fault f = frame(table(dd::dpmpp_2m{}, 8), before).check_measured({size, 1});
  REQUIRE(f);
  CHECK(f->what() == std::string("graph_run: decide measures 1 lanes, needs 64, the lanes of the plan"));
  CHECK_FALSE(frame(table(dd::dpmpp_2m{}, 8), before).check_measured({size / lanes, lanes}));
}
