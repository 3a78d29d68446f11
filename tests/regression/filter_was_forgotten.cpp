// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <span>
#include <string>
#include <vector>

namespace {

namespace dd = diffode;

std::string why(const auto& result) { return result ? "" : result.reason()->what(); }

const dd::grid& levels() {
  static const dd::grid g = dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 4});
  return g;
}

}  // namespace

// Without the filter, its place in memory would be read unwritten.
TEST_CASE("a plan with a filter is not run without it") {
  std::vector<double> x(4, 1.0);
  const dd::shared_plan plan = dd::compile(dd::ddim{}, levels(), dd::filtered(dd::x0_model{}, dd::clip{1}));
  CHECK(why(dd::sampler<double>::try_make(plan, x)) ==
        "sampler: limit is no_filter, needs the filter that the plan was made with: it has 4 filter passes");
  CHECK(dd::sampler<double, dd::philox, dd::clip>::try_make(plan, x, {}, {}, dd::clip{1}));
}

TEST_CASE("a plan is not run with a model that means something else") {
  const auto net = [](std::span<const double>, const dd::level<>&, std::span<double> out) {
    for (double& o : out) o = 0.25;
  };
  const dd::shared_plan plan = dd::compile(dd::ddim{}, levels(), dd::eps_model{});
  const std::string needs = "sample: model means something else (parameterisation, guidance or filter), "
                            "needs the one that the plan of ddim was made for";
  std::vector<double> x(4, 1.0);
  CHECK(why(dd::try_sample(plan, dd::v(net), x)) == needs);
  CHECK(why(dd::try_sample(plan, dd::guided(dd::eps(net), dd::classifier_free(2)), x)) == needs);
  CHECK(why(dd::try_sample(plan, dd::filtered(dd::eps(net), dd::clip{1}), x)) == needs);
  CHECK(x == std::vector<double>(4, 1.0));
  CHECK(dd::try_sample(plan, dd::eps(net), x));
  const dd::fixed<dd::lanes> two({levels(), levels()}, {.stride = 2, .count = 2});
  const auto lanes_net = [](std::span<const double>, std::span<const dd::level<>>, std::span<double> out) {
    for (double& o : out) o = 0.25;
  };
  const dd::shared_plan lanes_plan = dd::compile(dd::ddim{}, two, dd::edm_model{});
  CHECK(dd::try_sample(lanes_plan, dd::edm_network(lanes_net), x));
}
