// SPDX-License-Identifier: MIT
#include "conformance/plans.hpp"
#include "diffode/method.hpp"

#include <cstdio>
#include <fstream>
#include <string>

using namespace diffode_test;

TEST_CASE("every plan has one combine for each evaluation, reads every input once and writes every output once") {
  for (const subject& s : all_subjects()) check_plan(s);
}

TEST_CASE("a plan's fingerprint is the same for the same run only") {
  for (const subject& s : all_subjects()) check_fingerprint(s);
}

namespace {

int slots(const subject& s, told what = told::eps) { return s.on(families()[0].uniform(10), what).slots(); }

/// What a method's doc block says under "Evaluations": so many per step, and whether there are more at the start.
struct claim {
  int per_step = 0;
  bool more = false;
};
claim evaluations_of(const std::string& method) {
  std::ifstream header(DIFFODE_SOURCE_DIR "/include/diffode/method/" + method + ".hpp");
  for (std::string line; std::getline(header, line);) {
    const std::size_t at = line.find(" Evaluations ");
    int count = 0, read = 0;
    if (at == std::string::npos || std::sscanf(line.c_str() + at, " Evaluations %d per step%n", &count, &read) != 1 || read == 0) continue;
    return {count, line.find(" more", at) != std::string::npos};
  }
  return {};
}

}  // namespace

TEST_CASE("runs of 10 steps of an eps model need as many arrays as their methods have to remember, and no more") {
  CHECK(slots(subject_of(diffode::ddim{})) == 1);
  CHECK(slots(subject_of(diffode::euler{})) == 1);
  CHECK(slots(subject_of(diffode::ddim{.eta = 1})) == 1);
  CHECK(slots(subject_of(diffode::dpmpp_2m{})) <= 2);   // the state and one prediction
  CHECK(slots(subject_of(diffode::dpmpp_3m{})) <= 3);   // the state and two predictions
  CHECK(slots(subject_of(diffode::unipc{})) <= 4);      // the predicted state and three evaluations that the corrector mixes
  CHECK(slots(subject_of(diffode::heun{})) <= 3);
  for (const subject& s : all_subjects()) {
    INFO(s.name());
    for (const told what : every_told) CHECK(slots(s, what) == slots(s));
  }
}

TEST_CASE("evaluations per step are what the doc blocks say") {
  const diffode::grid g = families()[0].uniform(10), to_zero = families()[0].uniform_to_zero(10);
  CHECK(subject_of(diffode::heun{}).on(g, told::eps).calls() == 20);
  CHECK(subject_of(diffode::heun{}).on(to_zero, told::eps).calls() == 19);
  for (const subject& s : all_subjects()) {
    const claim said = evaluations_of(s.method);
    if (said.per_step == 0) continue;  // as many as another method has, or as stages or an order say
    INFO(s.name());
    const int calls = s.on(g, told::eps).calls();
    CHECK(calls >= 10 * said.per_step);
    if (!said.more) CHECK(calls == 10 * said.per_step);
  }
}

TEST_CASE("a plan with lanes has one combine for each evaluation too, with coefficients for each lane") {
  const family f = families()[0];
  for (const subject& s : all_subjects()) {
    INFO(s.name());
    const diffode::plan p = s.plan_lanes(diffode::fixed<diffode::lanes>({f.uniform(5), f.uniform(5)}, {.stride = 3, .count = 2}), {{told::v}}).value();
    const diffode::plan one = s.on(f.uniform(5), told::v);
    check_traffic(p);
    CHECK(p.kernels() == p.calls() + first_kernels(p));
    CHECK(p.slots() == one.slots());
    REQUIRE(p.instructions().size() == one.instructions().size());
    for (std::size_t k = 0; k < p.instructions().size(); ++k) {
      const auto &both = p.instructions()[k], &single = one.instructions()[k];
      if (both.what != diffode::operation::combine) continue;
      const auto c = p.coefficients(both), d = one.coefficients(single);
      REQUIRE(c.size() == 2 * d.size());
      for (std::size_t n = 0; n < d.size(); ++n) {
        CHECK(c[2 * n] == d[n]);
        CHECK(c[2 * n + 1] == d[n]);
      }
    }
  }
}
