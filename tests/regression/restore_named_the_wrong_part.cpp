// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <limits>
#include <string>
#include <vector>

namespace dd = diffode;

TEST_CASE("restore says which part of a saved run does not fit") {
  const dd::grid levels = dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 4});
  const dd::shared_plan p = dd::compile(dd::dpmpp_2m{}, levels, dd::eps_model{});
  std::vector<double> x(4);
  dd::sampler<double> run(p, x);
  dd::saved_run<double> far = run.save(), nowhere = far, few = far;
  far.at = 1000;
  nowhere.at = far.at;
  for (std::size_t i = p->instructions().size(); i-- > 0;)
    if (p->instructions()[i].what != dd::operation::call) nowhere.at = i;
  few.slots.pop_back();
  const std::string end = std::to_string(p->instructions().size());
  CHECK(run.try_restore(far)->what() == "restore: the saved run is at instruction 1000, needs one that waits for the model, or the end, " + end);
  CHECK(run.try_restore(nowhere)->what() ==
        "restore: the saved run is at instruction " + std::to_string(nowhere.at) + ", needs one that waits for the model, or the end, " + end);
  CHECK(run.try_restore(few)->what() == std::string("restore: number of saved arrays is 1, needs 2, the slots of the plan"));
  CHECK(run.try_restore(few)->code() == dd::errc::bad_shape);
  CHECK_FALSE(run.try_restore(run.save()));
}

TEST_CASE("an s_max that is no number is named, and not s_min") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(dd::churn<dd::heun>{.s_max = nan}.check()->what() == std::string("churn: s_max is nan, needs a number not below s_min, 0"));
  CHECK(dd::churn<dd::heun>{.s_min = nan}.check()->what() == std::string("churn: s_min is nan, needs a number not above s_max, inf"));
}
